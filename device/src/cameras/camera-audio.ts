import type { AudioUnit } from '../media/audio-unit.ts';
import type { AudioHandle, AudioSink, AudioSource } from '../streams/stream-source.ts';
import type { CameraRun } from './camera-run.ts';
import type { AudioFormatReport, AudioReport } from './camera-source.ts';

interface Listener {
  readonly sink: AudioSink;
  /** Whether it gets the sound. */
  hears: boolean;
}

/**
 * Hands the sound of one camera to its listeners, as the camera sends it. Without listeners the sound is not read. A listener
 * starts no camera: its slot does, for the pictures.
 */
export class CameraAudio implements AudioSource {
  readonly #listeners = new Set<Listener>();
  #run: CameraRun | null = null;
  /** The run's last report; null before its first. */
  #told: AudioFormatReport | null = null;

  open(sink: AudioSink): AudioHandle {
    const listener: Listener = { sink, hears: false };
    this.#listeners.add(listener);
    this.#tell(listener);
    this.#ask();
    return {
      close: () => {
        if (this.#listeners.delete(listener)) {
          this.#ask();
        }
      },
    };
  }

  /** The camera has another run, or none. */
  follow(run: CameraRun | null): void {
    if (run !== this.#run) {
      this.#run = run;
      this.#told = run?.audioFormat ?? null;
      this.#tellAll();
    }
  }

  take(run: CameraRun, report: AudioReport): void {
    if (run !== this.#run) {
      return;
    }
    if (report.type === 'audio') {
      this.#pass(report.unit);
    } else {
      this.#told = report;
      this.#tellAll();
    }
  }

  #tellAll(): void {
    for (const listener of [...this.#listeners]) {
      this.#tell(listener);
    }
    this.#ask();
  }

  #tell(listener: Listener): void {
    listener.hears = false;
    if (this.#told === null) {
      return;
    }
    const { format, reason } = this.#told;
    if (format === null) {
      listener.sink.silent('no-audio', reason);
    } else if (listener.sink.takes(format.codec)) {
      listener.hears = true;
      listener.sink.format(format);
    } else {
      listener.sink.silent('audio-codec', `the camera's sound is ${format.codec}, which this browser does not take`);
    }
  }

  #pass(unit: AudioUnit): void {
    for (const { hears, sink } of this.#listeners) {
      if (hears) {
        sink.unit(unit);
      }
    }
  }

  #ask(): void {
    this.#run?.listen([...this.#listeners].some(({ hears }) => hears));
  }
}
