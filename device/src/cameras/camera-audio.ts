import type { AudioUnit } from '../media/audio-unit.ts';
import { SoundClock } from '../media/sound-clock.ts';
import type { AudioHandle, AudioSink, AudioSource } from '../streams/stream-source.ts';
import type { CameraRun } from './camera-run.ts';
import type { AudioFormatReport, AudioReport, SourceTools } from './camera-source.ts';
import { codedSound, SoundCoder } from './sound-coder.ts';

interface Listener {
  readonly sink: AudioSink;
  /** The listener gets the camera's own sound, Opus that is made of it, or nothing. */
  hears: 'camera' | 'coder' | 'nothing';
}

/** Milliseconds that a coder waits for another listener: a process for each of fifty wishes a second would take the machine. */
const coderLingerMs = 5000;
/** Milliseconds after which a coder that failed is tried again, while there is a listener for it. */
const coderRetryMs = 10_000;

/** A coder that starts has caught up by then, or never will; and what comes later (ms) than that after it was picked up is old. */
const coderStartMs = 3000;
const oldMs = 400;

/**
 * Hands the sound of one camera to its listeners, as the camera sends it, or as Opus to those who do not take its codec: one
 * encode for all of them. Without listeners the sound is not read. A listener starts no camera: its slot does, for the pictures.
 */
export class CameraAudio implements AudioSource {
  readonly #tools: () => SourceTools;
  readonly #listeners = new Set<Listener>();
  #run: CameraRun | null = null;
  /** The run's last report; null before its first. */
  #told: AudioFormatReport | null = null;
  /** Null without sound. */
  #clock: SoundClock | null = null;
  #coder: SoundCoder | null = null;
  /** Ends a coder that has no listeners. */
  #lingering: NodeJS.Timeout | undefined;
  /** Why the last coder failed; empty as long as another may be started. */
  #failure = '';
  #retry: NodeJS.Timeout | undefined;
  /** Settled when every coder of the past is gone. */
  #gone: Promise<unknown> = Promise.resolve();

  /** @param tools to start a coder with */
  constructor(tools: () => SourceTools) {
    this.#tools = tools;
  }

  open(sink: AudioSink): AudioHandle {
    const listener: Listener = { sink, hears: 'nothing' };
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
      this.#clock?.take(report.unit);
      this.#pass(report.unit, 'camera');
      this.#coder?.feed(report.unit);
    } else {
      this.#told = report;
      this.#tellAll();
    }
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    this.#listeners.clear();
    this.#endCoder();
    this.#ask();
    await this.#gone;
  }

  /** The sound is another one, so a coder begins anew, and may take what the last one could not. */
  #tellAll(): void {
    const format = this.#told?.format ?? null;
    this.#clock = format && new SoundClock(format);
    this.#endCoder();
    clearTimeout(this.#retry);
    this.#failure = '';
    this.#tellThose(() => true);
  }

  #tellThose(are: (listener: Listener) => boolean): void {
    for (const listener of [...this.#listeners].filter(are)) {
      this.#tell(listener);
    }
    this.#ask();
  }

  #tell(listener: Listener): void {
    listener.hears = 'nothing';
    if (this.#told === null) {
      return;
    }
    const { format, reason } = this.#told;
    const { sink } = listener;
    if (format === null) {
      sink.silent('no-audio', reason);
    } else if (sink.takes(format.codec)) {
      listener.hears = 'camera';
      sink.format(format);
    } else if (!sink.takes(codedSound.codec)) {
      sink.silent('audio-codec', `the camera's sound is ${format.codec}, which this browser does not take`);
    } else if (this.#failure !== '') {
      sink.silent('audio-codec', `the camera's sound is ${format.codec}, which cannot be encoded: ${this.#failure}`);
    } else {
      listener.hears = 'coder';
      sink.format(codedSound);
    }
  }

  #pass(unit: AudioUnit, from: Listener['hears']): void {
    const format = from === 'coder' ? codedSound : (this.#told?.format ?? codedSound);
    const pickedUp = this.#clock?.endOf(unit, format) ?? performance.now();
    for (const { hears, sink } of this.#listeners) {
      if (hears === from) {
        sink.unit(unit, pickedUp);
      }
    }
  }

  /** Frames wait for a coder that starts. Listeners would hear these late, and all that follow. */
  #isOld(unit: AudioUnit): boolean {
    return performance.now() - (this.#clock?.endOf(unit, codedSound) ?? 0) > oldMs;
  }

  #ask(): void {
    const all = [...this.#listeners];
    const format = this.#told?.format ?? null;
    const isWanted = all.some(({ hears }) => hears === 'coder');
    if (isWanted) {
      clearTimeout(this.#lingering);
      this.#lingering = undefined;
    }
    if (format === null) {
      this.#endCoder();
    } else if (!isWanted && this.#coder !== null) {
      // Fed meanwhile, so that it goes on without a gap.
      this.#lingering ??= setTimeout(() => {
        this.#endCoder();
        this.#ask();
      }, coderLingerMs).unref();
    } else if (isWanted && this.#coder === null) {
      const begun = performance.now();
      const coder = new SoundCoder(format, this.#tools(), {
        unit: (unit) => {
          if (coder === this.#coder && (!this.#isOld(unit) || performance.now() - begun > coderStartMs)) {
            this.#pass(unit, 'coder');
          }
        },
        failed: (reason) => coder === this.#coder && this.#coderFailed(reason),
      });
      this.#coder = coder;
    }
    this.#run?.listen(this.#coder !== null || all.some(({ hears }) => hears !== 'nothing'));
  }

  /** Listeners to the camera's own sound hear on. */
  #coderFailed(reason: string): void {
    this.#failure = reason;
    this.#endCoder();
    this.#tellThose(({ hears }) => hears === 'coder');
    this.#retry = setTimeout(() => {
      this.#failure = '';
      this.#tellThose(({ hears }) => hears === 'nothing');
    }, coderRetryMs);
    this.#retry.unref();
  }

  #endCoder(): void {
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    if (this.#coder !== null) {
      this.#gone = Promise.all([this.#gone, this.#coder.close()]);
      this.#coder = null;
    }
  }
}
