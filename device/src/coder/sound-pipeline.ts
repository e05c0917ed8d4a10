import type { AudioUnit } from '../media/audio-unit.ts';
import type { SoundSource } from './messages.ts';
import type { Pipeline } from './pipeline.ts';
import type { Report } from './report.ts';
import { parametersOf, SoundTranscoder } from './sound-transcoder.ts';
import type { UnitQueue } from './unit-input.ts';

/** The sound of a camera that the device reads itself, encoded in another codec. It has one output, and no pictures. */
export class SoundPipeline implements Pipeline {
  readonly #units: UnitQueue<AudioUnit>;
  readonly #transcoder: SoundTranscoder;

  private constructor(units: UnitQueue<AudioUnit>, transcoder: SoundTranscoder) {
    this.#units = units;
    this.#transcoder = transcoder;
  }

  /** @throws {Error} if FFmpeg cannot decode the format */
  static async open(
    { format, target }: SoundSource,
    units: UnitQueue<AudioUnit>,
    report: Report,
  ): Promise<SoundPipeline> {
    const source = { parameters: parametersOf(format), clockRate: format.clockRate };
    try {
      return new SoundPipeline(
        units,
        await SoundTranscoder.open(source, target, (unit) => report({ type: 'audio', unit })),
      );
    } finally {
      source.parameters.free();
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        this.#transcoder.take(await this.#units.take());
      }
    } finally {
      this.#transcoder.close();
    }
  }

  start(): void {}
  stop(): void {}
  requestKeyframe(): void {}
  listen(): void {}
  async still(): Promise<Buffer> {
    throw new Error('a sound has no picture');
  }
}
