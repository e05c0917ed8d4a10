import type { AVPixelFormat } from 'node-av/constants';
import { Frame, HardwareDeviceContext, HardwareFramesContext } from 'node-av/lib';
import type { CardMemory } from './encoders.ts';
import { check } from './ffmpeg.ts';

export interface CardFrameShape {
  width: number;
  height: number;
  /** How a picture lies in ordinary memory before it is taken to the card. */
  pixels: AVPixelFormat;
}

/** Pictures in a graphics card's memory, for encoders that take none from elsewhere. */
export class CardFrames {
  readonly #device = new HardwareDeviceContext();
  readonly #frames = new HardwareFramesContext();
  readonly #frame = new Frame();

  /** @throws {Error} where there is no such card, or it has no room */
  constructor({ device, format }: CardMemory, { width, height, pixels }: CardFrameShape) {
    this.#frame.alloc();
    try {
      check(this.#device.create(device, null, null), 'no such card');
      this.#frames.alloc(this.#device);
      Object.assign(this.#frames, { format, swFormat: pixels, width, height });
      check(this.#frames.init(), 'memory of the card');
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The context that an encoder needs to read these frames. */
  get context(): HardwareFramesContext {
    return this.#frames;
  }

  /** The same picture in the card's memory; ours, and until the next call. */
  async upload(frame: Frame): Promise<Frame> {
    this.#frame.unref();
    check(this.#frames.getBuffer(this.#frame, 0), 'memory of the card');
    check(await this.#frames.transferData(this.#frame, frame, 0), 'picture to the card');
    check(this.#frame.copyProps(frame), 'picture to the card');
    return this.#frame;
  }

  close(): void {
    this.#frame.free();
    this.#frames.free();
    this.#device.free();
  }
}
