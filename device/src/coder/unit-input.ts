import { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_NOPTS_VALUE, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { CodecParameters, Packet, Rational } from 'node-av/lib';
import type { AccessUnit } from '../media/access-unit.ts';
import type { UnitSource } from './messages.ts';
import type { EncodedInput } from './packet-input.ts';

/** Pictures, or sounds, on their way from the device's messages to the pipeline. */
export class UnitQueue<Unit = AccessUnit> {
  readonly #units: Unit[] = [];
  #wake = () => {};
  #isOver = false;

  push(unit: Unit): void {
    this.#units.push(unit);
    this.#wake();
  }

  /** No more come. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** @throws {Error} after the end */
  async take(): Promise<Unit> {
    for (;;) {
      const unit = this.#units.shift();
      if (unit !== undefined) {
        return unit;
      }
      if (this.#isOver) {
        throw new Error('the units ended');
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** A source that the device reads itself: its pictures come as messages. */
export class UnitInput implements EncodedInput {
  readonly parameters = new CodecParameters();
  readonly timeBase = new Rational(1, 1_000_000);
  /** A guess, as where other sources do not say it. */
  readonly rate = 25;
  readonly #units: UnitQueue;
  readonly #packet = new Packet();
  #time = 0;

  constructor({ codec, width, height, hasBFrames }: UnitSource, units: UnitQueue) {
    this.#units = units;
    this.#packet.alloc();
    this.parameters.alloc();
    this.parameters.codecType = AVMEDIA_TYPE_VIDEO;
    this.parameters.codecId = codec === 'H264' ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC;
    this.parameters.width = width;
    this.parameters.height = height;
    this.parameters.videoDelay = hasBFrames ? 1 : 0;
  }

  get time(): number {
    return this.#time;
  }

  async next(): Promise<Packet> {
    const { keyframe, timestamp, data } = await this.#units.take();
    this.#packet.unref();
    this.#packet.data = data;
    this.#packet.pts = BigInt(Math.round(timestamp));
    this.#packet.dts = AV_NOPTS_VALUE;
    this.#packet.isKeyframe = keyframe;
    this.#time = timestamp;
    return this.#packet;
  }

  async close(): Promise<void> {
    this.#packet.free();
    this.parameters.free();
  }
}
