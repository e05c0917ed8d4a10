import type { AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import type { EncodedFormat } from '../media/encoded-sound.ts';
import type { SourceTools } from './camera-source.ts';
import { openCoder, type StartedCoder } from './coder-source.ts';

/** Frames that may wait for the coder's process; a second of AAC has 16 to 47. */
const mostUnsent = 100;

/** Encodes a camera's sound, in a process of its own: FFmpeg decodes what strangers send. */
export class SoundCoder {
  readonly #coder: StartedCoder;
  #unsent = 0;

  /** @param failed told once; no unit follows */
  constructor(
    { format, target }: { format: AudioFormat; target: EncodedFormat },
    tools: SourceTools,
    { unit, failed }: { unit(unit: AudioUnit): void; failed(reason: string): void },
  ) {
    this.#coder = openCoder(
      tools,
      { report: (report) => report.type === 'audio' && unit(report.unit), failed },
      'sound',
    );
    this.#coder.open({ kind: 'sound', format, target });
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
