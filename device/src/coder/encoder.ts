import { AV_BUFFERSRC_FLAG_KEEP_REF, AV_PICTURE_TYPE_I, AV_PICTURE_TYPE_NONE } from 'node-av/constants';
import { avGetPixFmtName, Frame, Packet } from 'node-av/lib';
import type { EncodeOutput } from '../config/output.ts';
import type { AccessUnit, StreamFormat } from '../media/access-unit.ts';
import { check, received } from './ffmpeg.ts';
import { FrameRate } from './frame-rate.ts';
import { type OpenEncoder, openEncoder } from './open-encoder.ts';
import { outputSize, Scaler } from './scaler.ts';

export interface EncoderSink {
  /** Which encoder was taken. */
  note(text: string): void;
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
  #open: OpenEncoder | null = null;
  #keyframe = false;
  #lastPts = -1_000_000n;
  readonly #thinning: FrameRate;
  /** FFmpeg's contexts take one call at a time, so each waits for the one before. */
  #work: Promise<void> = Promise.resolve();

  constructor(config: EncodeOutput, rate: number, sink: EncoderSink) {
    this.#config = config;
    this.#thinning = new FrameRate(config.fps);
    this.#rate = Math.min(rate, config.fps ?? rate);
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
      this.#closeEncoder();
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
    if (frame.pts <= this.#lastPts || !this.#thinning.takes(Number(frame.pts))) {
      return;
    }
    this.#lastPts = frame.pts;
    if (!this.#scaler?.takes(frame)) {
      await this.#begin(frame);
    }
    const { context, card } = this.#open as OpenEncoder;
    await (this.#scaler as Scaler).scale(frame, this.#scaled, AV_BUFFERSRC_FLAG_KEEP_REF);
    this.#scaled.pictType = this.#keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    this.#keyframe = false;
    check(await context.sendFrame((await card?.upload(this.#scaled)) ?? this.#scaled), 'encoder');
    this.#scaled.unref();
    // The work was done on the way in.
    while (received(context.receivePacketSync(this.#packet), 'encoder')) {
      this.#sink.unit({
        keyframe: this.#packet.isKeyframe,
        timestamp: Number(this.#packet.pts),
        data: this.#packet.data ?? Buffer.alloc(0),
      });
      this.#packet.unref();
    }
  }

  /** Pictures of another size, or the first one. */
  async #begin(frame: Frame): Promise<void> {
    this.#closeEncoder();
    const [width, height] = outputSize(frame, this.#config);
    this.#open = await openEncoder(this.#config, { frame, width, height, rate: this.#rate });
    const { choice, refusals } = this.#open;
    this.#scaler = new Scaler(frame, { width, height }, avGetPixFmtName(choice.pixels) ?? undefined);
    const why = refusals.length === 0 ? '' : `, since there is no hardware for it: ${refusals.join(', ')}`;
    this.#sink.note(`encodes ${width}x${height} with ${choice.name}${why}`);
    this.#sink.format({ codec: 'H264', width, height });
  }

  #closeEncoder(): void {
    this.#scaler?.close();
    this.#open?.context.freeContext();
    this.#open?.card?.close();
    this.#scaler = null;
    this.#open = null;
  }
}
