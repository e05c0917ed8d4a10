import type { OutputConfig } from '../config/output.ts';
import { FrameHub } from './frame-hub.ts';
import type { Pipeline } from './pipeline.ts';
import { hubSink, type Report } from './report.ts';
import { encodeStill } from './still.ts';
import type { VirtualInput } from './virtual-input.ts';

/** From pictures: every output is an encoder. */
export class FramePipeline implements Pipeline {
  readonly #input: VirtualInput;
  readonly #report: Report;
  readonly #hub: FrameHub;

  constructor(input: VirtualInput, report: Report) {
    this.#input = input;
    this.#report = report;
    this.#hub = new FrameHub(input.rate);
  }

  start(output: string, config: OutputConfig): void {
    const encode = config.kind === 'encode' ? config : ({ kind: 'encode' } as const);
    this.#hub.add(output, encode, hubSink(output, this.#report));
  }

  stop(output: string): void {
    void this.#hub.remove(output);
  }

  requestKeyframe(output: string): void {
    this.#hub.requestKeyframe(output);
  }

  listen(): void {}

  still(width: number | undefined): Promise<Buffer> {
    return this.#hub.withLast((frame) => encodeStill(frame, width));
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.#hub.push(await this.#input.next());
      }
    } finally {
      await this.#hub.close();
      this.#input.close();
    }
  }
}
