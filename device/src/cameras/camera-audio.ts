import type { AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import type { AudioHandle, AudioSink, AudioSource } from '../streams/stream-source.ts';
import type { CameraRun } from './camera-run.ts';
import type { AudioForm, AudioFormatReport, AudioReport } from './camera-source.ts';

interface Listener {
  readonly sink: AudioSink;
  /** The form that it gets; null while the codec is unknown, and where there is no sound. */
  form: AudioForm | null;
}

/**
 * The sound of one camera, for its listeners: as it comes, or encoded as Opus once for all listeners that do not take
 * that. Without listeners it is neither read nor encoded. A listener starts no camera: its slot does, for the pictures.
 */
export class CameraAudio implements AudioSource {
  readonly #listeners = new Set<Listener>();
  #run: CameraRun | null = null;
  /** The run's last report; null before its first. */
  #told: AudioFormatReport | null = null;
  /** Why Opus cannot be had; empty while it may. */
  #refusal = '';

  open(sink: AudioSink): AudioHandle {
    const listener: Listener = { sink, form: null };
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
      this.#refusal = '';
      this.#tellAll();
    }
  }

  take(run: CameraRun, report: AudioReport): void {
    if (run !== this.#run) {
      return;
    }
    if (report.type === 'audio') {
      this.#pass(report.form, report.unit);
      return;
    }
    if (report.type === 'audio-format') {
      this.#told = report;
    } else {
      this.#refusal = report.reason;
    }
    this.#tellAll();
  }

  #tellAll(): void {
    for (const listener of [...this.#listeners]) {
      this.#tell(listener);
    }
    this.#ask();
  }

  #tell(listener: Listener): void {
    const { sink } = listener;
    listener.form = null;
    if (this.#told === null) {
      return;
    }
    const { format, reason } = this.#told;
    if (format === null) {
      sink.silent('no-audio', reason);
      return;
    }
    const form: AudioForm = sink.takes(format.codec) ? 'native' : 'opus';
    if (form === 'opus' && (this.#refusal !== '' || !sink.takes('OPUS'))) {
      sink.silent(
        'audio-codec',
        this.#refusal || `the camera's sound is ${format.codec}, which this browser does not take`,
      );
      return;
    }
    listener.form = form;
    sink.format(form === 'native' ? format : opus);
  }

  #pass(form: AudioForm, unit: AudioUnit): void {
    for (const listener of this.#listeners) {
      if (listener.form === form) {
        listener.sink.unit(unit);
      }
    }
  }

  /** Tells the run which forms have listeners. */
  #ask(): void {
    const forms = Array.from(this.#listeners, ({ form }) => form);
    this.#run?.listen({ native: forms.includes('native'), opus: forms.includes('opus') });
  }
}

/** RFC 7587 section 7: always 48 kHz and two channels in SDP. */
const opus: AudioFormat = { codec: 'OPUS', clockRate: 48_000, channels: 2, config: Buffer.alloc(0) };
