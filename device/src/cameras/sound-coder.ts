import type { AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import type { SourceTools } from './camera-source.ts';
import { openCoder, type StartedCoder } from './coder-source.ts';

/** The format of every sound that a coder makes: Opus always counts as two channels (RFC 7587 section 4.1). */
export const codedSound: AudioFormat = { codec: 'OPUS', clockRate: 48_000, channels: 2, config: Buffer.alloc(0) };

/** Frames that may wait for the coder's process; a second of AAC has 16 to 47. */
const mostUnsent = 100;

/** Makes Opus of a camera's sound, in a process of its own: FFmpeg decodes what strangers send. */
export class SoundCoder {
  readonly #coder: StartedCoder;
  #unsent = 0;

  /** @param failed told once; no unit follows */
  constructor(
    format: AudioFormat,
    tools: SourceTools,
    { unit, failed }: { unit(unit: AudioUnit): void; failed(reason: string): void },
  ) {
    this.#coder = openCoder(tools, { report: (report) => report.type === 'audio' && unit(report.unit), failed });
    this.#coder.open({ kind: 'sound', format });
  }

  /** A frame that the process does not take in time is left out. */
  feed(unit: AudioUnit): void {
    if (this.#unsent < mostUnsent) {
      this.#unsent++;
      this.#coder.feedSound(unit, () => {
        this.#unsent--;
      });
    }
  }

  /** Resolves when nothing of it is left. */
  close(): Promise<void> {
    return this.#coder.close();
  }
}
