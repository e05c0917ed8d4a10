import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, Frame, Packet, Rational } from 'node-av/lib';
import type { AccessUnit, StreamFormat } from '../../streams/access-unit.ts';
import type { EncodeOutput } from '../messages.ts';
import { check, present, received } from './ffmpeg.ts';
import { Scaler } from './scaler.ts';

/** Seconds between key frames. A joining viewer replays what has come since the last one, so it bounds that replay. */
const gopSeconds = 2;
/** Bits for a pixel at the most: 576 kbit/s for 640x360 at 25 frames a second. */
const bitsPerPixel = 0.1;

export interface EncoderSink {
  format(format: StreamFormat): void;
  unit(unit: AccessUnit): void;
}

/** Frames of any size to H.264 of the wanted one. Its first unit is a key frame, and so is the first after each change of size. */
export class Encoder {
  readonly #config: EncodeOutput;
  readonly #rate: number;
  readonly #sink: EncoderSink;
  readonly #scaled = new Frame();
  readonly #packet = new Packet();
  #scaler: Scaler | null = null;
  #context: CodecContext | null = null;
  #keyframe = false;
  #lastPts = -1n;
  /** FFmpeg's contexts take one call at a time, so each waits for the one before. */
  #work: Promise<void> = Promise.resolve();

  constructor(config: EncodeOutput, rate: number, sink: EncoderSink) {
    this.#config = config;
    this.#rate = rate;
    this.#sink = sink;
    this.#scaled.alloc();
    this.#packet.alloc();
  }

  /** The next frame becomes a key frame. */
  requestKeyframe(): void {
    this.#keyframe = true;
  }

  /** @param frame with its time in microseconds; not touched once the promise is settled */
  encode(frame: Frame): Promise<void> {
    return this.#next(() => this.#encode(frame));
  }

  close(): Promise<void> {
    return this.#next(async () => {
      this.#closeContext();
      this.#scaled.free();
      this.#packet.free();
    });
  }

  #next(job: () => Promise<void>): Promise<void> {
    const done = this.#work.then(job);
    this.#work = done.catch(() => {});
    return done;
  }

  async #encode(frame: Frame): Promise<void> {
    if (frame.pts <= this.#lastPts) {
      return;
    }
    this.#lastPts = frame.pts;
    if (!this.#scaler?.takes(frame)) {
      this.#open(frame);
    }
    const context = this.#context as CodecContext;
    await (this.#scaler as Scaler).scale(frame, this.#scaled, AV_BUFFERSRC_FLAG_KEEP_REF);
    this.#scaled.pictType = this.#keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    this.#keyframe = false;
    check(await context.sendFrame(this.#scaled), 'encoder');
    this.#scaled.unref();
    while (received(await context.receivePacket(this.#packet), 'encoder')) {
      this.#sink.unit({
        keyframe: this.#packet.isKeyframe,
        timestamp: Number(this.#packet.pts),
        data: this.#packet.data ?? Buffer.alloc(0),
      });
      this.#packet.unref();
    }
  }

  #open(frame: Frame): void {
    this.#closeContext();
    this.#scaler = new Scaler(frame, this.#config);
    const { width, height } = this.#scaler;
    const codec = present(Codec.findEncoderByName(FF_ENCODER_LIBX264), 'H.264 encoder');
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    // The numbers mean the same colours as the camera's; a viewer that were not told so would guess by the size.
    context.colorSpace = frame.colorSpace;
    context.colorPrimaries = frame.colorPrimaries;
    context.colorTrc = frame.colorTrc;
    context.colorRange = frame.colorRange;
    context.timeBase = new Rational(1, 1_000_000);
    context.framerate = new Rational(Math.round(this.#rate * 1000), 1000);
    context.gopSize = Math.round(this.#rate * gopSeconds);
    context.maxBFrames = 0;
    context.threadCount = 1;
    const bitrate = Math.round(width * height * this.#rate * bitsPerPixel);
    context.rcMaxRate = BigInt(bitrate);
    context.rcBufferSize = bitrate;
    const options = Dictionary.fromObject({
      preset: 'superfast',
      tune: 'zerolatency',
      crf: 23,
      'forced-idr': 1,
      sc_threshold: 0,
    });
    check(context.open2Sync(codec, options), `an H.264 encoder for ${width}x${height}`);
    this.#context = context;
    this.#sink.format({ codec: 'H264', width, height });
  }

  #closeContext(): void {
    this.#scaler?.close();
    this.#context?.freeContext();
    this.#scaler = null;
    this.#context = null;
  }
}
