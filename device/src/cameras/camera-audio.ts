import type { AudioFormatReport } from '../coder/messages.ts';
import type { SoundOffer } from '../config/sound.ts';
import type { AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import type { EncodedSound } from '../media/encoded-sound.ts';
import { SoundClock } from '../media/sound-clock.ts';
import type { AudioHandle, AudioSink, AudioSource } from '../streams/stream-source.ts';
import type { CameraRun } from './camera-run.ts';
import type { AudioReport, SourceTools } from './camera-source.ts';
import { Departures } from './departures.ts';
import { SoundEncoding } from './sound-encoding.ts';
import { SoundPacer } from './sound-pacer.ts';

/** The forms in which a stream offers the sound of its camera. */
export interface SoundOffers {
  /** In their order; `copy` stands for those of the camera's source. */
  readonly offers: readonly SoundOffer[];
  /** A listener that takes none of them gets another one. */
  readonly transcode: boolean;
}

interface Listener extends SoundOffers {
  readonly sink: AudioSink;
  /** The listener gets the camera's own sound, one that is made of it, or nothing. */
  hears: 'camera' | EncodedSound | 'nothing';
}

/** The codecs that are made for a listener that takes no other, the best first. */
const lastResort: readonly EncodedSound[] = ['OPUS', 'AAC'];

/**
 * Hands the sound of one camera to its listeners, as the camera sends it, or encoded for those who do not take its codec. Without
 * listeners the sound is not read. A listener starts no camera: its slot does, for the pictures.
 */
export class CameraAudio {
  readonly #tools: () => SourceTools;
  readonly #listeners = new Set<Listener>();
  /** The codecs that are made of the present sound. */
  readonly #encodings = new Map<EncodedSound, SoundEncoding>();
  #run: CameraRun | null = null;
  /** The run's last report; null before its first. */
  #told: AudioFormatReport | null = null;
  /** Null without sound. */
  #clock: SoundClock | null = null;
  /** Coders of the past. */
  readonly #leaving = new Departures();

  /** @param tools to start a coder with */
  constructor(tools: () => SourceTools) {
    this.#tools = tools;
  }

  /** Its sound as one of its streams offers it. */
  offer(offers: SoundOffers): AudioSource {
    return { open: (sink) => this.#open({ sink, ...offers, hears: 'nothing' }) };
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
      const { unit } = report;
      const format = this.#told?.format ?? null;
      this.#clock?.take(unit);
      this.#hand(unit, 'camera', format === null ? performance.now() : this.#pickedUp(unit, format));
      for (const encoding of this.#encodings.values()) {
        encoding.feed(unit);
      }
    } else {
      this.#told = report;
      this.#tellAll();
    }
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#listeners.clear();
    this.#endEncodings();
    this.#ask();
    await this.#leaving.allGone();
  }

  #open(listener: Listener): AudioHandle {
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

  /** The sound is another one, so a coder begins anew, and may take what the last one could not. */
  #tellAll(): void {
    const format = this.#told?.format ?? null;
    this.#clock = format && new SoundClock(format);
    this.#endEncodings();
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
      return;
    }
    const choice = this.#choose(listener, format);
    if (choice === null) {
      sink.silent('audio-codec', `the camera's sound is ${format.codec}, which this browser does not take`);
    } else if (choice === 'camera') {
      listener.hears = choice;
      sink.format(format);
    } else if (choice.failure !== '') {
      sink.silent('audio-codec', `the camera's sound is ${format.codec}, which cannot be encoded: ${choice.failure}`);
    } else {
      listener.hears = choice.format.codec;
      sink.format(choice.format);
    }
  }

  #choose({ sink, offers, transcode }: Listener, format: AudioFormat): 'camera' | SoundEncoding | null {
    const own = this.#run?.soundOffers ?? ['copy'];
    const all = offers.flatMap((offer) => (offer === 'copy' ? own : offer));
    const codec = [...all, ...(transcode ? lastResort : [])]
      .map((offer) => (offer === 'copy' ? format.codec : offer))
      .find((codec) => sink.takes(codec));
    if (codec === undefined) {
      return null;
    }
    // A sound that is what it would become is passed on.
    return codec === format.codec ? 'camera' : this.#encodingOf(codec as EncodedSound, format);
  }

  #encodingOf(codec: EncodedSound, format: AudioFormat): SoundEncoding {
    const present = this.#encodings.get(codec);
    if (present !== undefined) {
      return present;
    }
    const pacer = new SoundPacer((unit, pickedUp) => {
      if (this.#encodings.get(codec) === encoding) {
        this.#hand(unit, codec, pickedUp);
      }
    });
    const encoding = new SoundEncoding(codec, format, this.#tools, {
      unit: (unit) => pacer.push(unit, this.#pickedUp(unit, encoding.format)),
      changed: (change) => {
        if (change === 'over') {
          this.#ask();
        } else {
          // Listeners to the camera's own sound hear on.
          this.#tellThose(({ hears }) => hears === (change === 'failed' ? codec : 'nothing'));
        }
      },
    });
    this.#encodings.set(codec, encoding);
    return encoding;
  }

  /** Milliseconds of `performance.now()`. */
  #pickedUp(unit: AudioUnit, format: AudioFormat): number {
    return this.#clock?.endOf(unit, format) ?? performance.now();
  }

  #hand(unit: AudioUnit, from: Listener['hears'], pickedUp: number): void {
    for (const { hears, sink } of this.#listeners) {
      if (hears === from) {
        sink.unit(unit, pickedUp);
      }
    }
  }

  #ask(): void {
    const heard = new Set(Array.from(this.#listeners, ({ hears }) => hears));
    for (const [codec, encoding] of this.#encodings) {
      encoding.want(heard.has(codec));
    }
    heard.delete('nothing');
    this.#run?.listen(heard.size > 0 || [...this.#encodings.values()].some(({ isFed }) => isFed));
  }

  #endEncodings(): void {
    for (const encoding of this.#encodings.values()) {
      this.#leaving.add(encoding.close());
    }
    this.#encodings.clear();
  }
}
