import type { Frame } from 'node-av/lib';
import type { EncodeOutput } from '../config/output.ts';
import { Encoder, type EncoderSink } from './encoder.ts';

export interface HubSink extends EncoderSink {
  refused(reason: string): void;
}

/** One camera's decoded frames, shared by all the encoders of its variants. */
export class FrameHub {
  readonly #rate: number;
  readonly #encoders = new Map<string, { encoder: Encoder; sink: HubSink }>();
  #last: Frame | null = null;

  /** @param rate frames per second */
  constructor(rate: number) {
    this.#rate = rate;
  }

  get isEmpty(): boolean {
    return this.#encoders.size === 0;
  }

  /** A variant that joins late starts with the frame that is there, not with the next one. */
  add(output: string, config: EncodeOutput, sink: HubSink): void {
    const encoder = new Encoder(config, this.#rate, sink);
    this.#encoders.set(output, { encoder, sink });
    const last = this.#last?.clone();
    if (last) {
      void this.#encode(output, last).finally(() => last.free());
    }
  }

  async remove(output: string): Promise<void> {
    const entry = this.#encoders.get(output);
    this.#encoders.delete(output);
    if (this.isEmpty) {
      this.#last?.free();
      this.#last = null;
    }
    await entry?.encoder.close();
  }

  /** Ends all encoders: FFmpeg's memory is not given back by itself. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#encoders.keys(), (output) => this.remove(output)));
  }

  get hasLast(): boolean {
    return this.#last !== null;
  }

  /**
   * The newest frame, for as long as `use` takes.
   * @throws {Error} where there is none
   */
  async withLast<T>(use: (frame: Frame) => Promise<T>): Promise<T> {
    const last = this.#last?.clone();
    if (!last) {
      throw new Error('the camera has shown no picture yet');
    }
    try {
      return await use(last);
    } finally {
      last.free();
    }
  }

  requestKeyframe(output: string): void {
    this.#encoders.get(output)?.encoder.requestKeyframe();
  }

  /** Settles when every encoder has taken the frame. */
  async push(frame: Frame): Promise<void> {
    this.#last?.free();
    this.#last = this.isEmpty ? null : frame.clone();
    await Promise.all(Array.from(this.#encoders.keys(), (output) => this.#encode(output, frame)));
  }

  /** An encoder that fails is taken out; the others do not notice. */
  async #encode(output: string, frame: Frame): Promise<void> {
    const entry = this.#encoders.get(output);
    try {
      await entry?.encoder.encode(frame);
    } catch (error) {
      if (entry !== undefined && this.#encoders.get(output) === entry) {
        await this.remove(output);
        entry.sink.refused((error as Error).message);
      }
    }
  }
}
