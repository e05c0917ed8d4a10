import { AV_CODEC_FLAG_LOW_DELAY, AV_NOPTS_VALUE, FF_THREAD_SLICE } from 'node-av/constants';
import { Codec, CodecContext, Frame, type Packet, type Rational } from 'node-av/lib';
import { check, microseconds, present, received } from './ffmpeg.ts';
import type { PacketFormat } from './packet-format.ts';
import { Turner } from './turner.ts';

/** Decodes a source's packets, holding no picture back that it need not hold back. */
export class Decoder {
  readonly #context: CodecContext;
  readonly #frame = new Frame();
  readonly #timeBase: Rational;
  /** The container's sample aspect ratio, for pictures that declare none. */
  readonly #aspect: Rational;
  readonly #turner: Turner | null;

  /** @param timeBase of the packets */
  constructor({ parameters, hasBFrames, turn }: PacketFormat, timeBase: Rational) {
    const codec = present(Codec.findDecoder(parameters.codecId), 'decoder for this camera');
    this.#timeBase = timeBase;
    this.#aspect = parameters.sampleAspectRatio;
    this.#turner = turn === 0 ? null : new Turner(turn);
    this.#context = new CodecContext();
    this.#context.allocContext3(codec);
    check(this.#context.parametersToContext(parameters), 'decoder');
    this.#context.pktTimebase = timeBase;
    // Threads that each take a whole frame would keep as many frames back.
    this.#context.threadType = FF_THREAD_SLICE;
    if (!hasBFrames) {
      this.#context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    }
    check(this.#context.open2Sync(codec), 'decoder');
    this.#frame.alloc();
  }

  /**
   * Hands each picture that comes of the packet to `take`, its time in microseconds; it is freed when `take` is done.
   * A broken packet gives no picture, and the ones after it go on.
   */
  async decode(packet: Packet, take: (frame: Frame) => Promise<void>): Promise<void> {
    if ((await this.#context.sendPacket(packet)) < 0) {
      return;
    }
    // The work was done on the way in; another turn through FFmpeg's threads would only cost time.
    while (received(this.#context.receiveFrameSync(this.#frame), 'decoder')) {
      const time = this.#frame.bestEffortTimestamp;
      this.#frame.pts = BigInt(time === AV_NOPTS_VALUE ? 0 : microseconds(time, this.#timeBase));
      if (this.#frame.sampleAspectRatio.num === 0) {
        this.#frame.sampleAspectRatio = this.#aspect;
      }
      await take((await this.#turner?.turn(this.#frame)) ?? this.#frame);
      this.#frame.unref();
    }
  }

  close(): void {
    this.#frame.free();
    this.#turner?.close();
    this.#context.freeContext();
  }
}
