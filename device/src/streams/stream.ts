import type { StreamFormat } from '../media/access-unit.ts';
import type { GopLimits } from '../media/gop.ts';
import { TokenBucket } from '../token-bucket.ts';
import { type Choice, Reading, type Takes } from './reading.ts';
import { type Reader, Rendition } from './rendition.ts';
import type { AudioHandle, AudioSink, AudioSource, StreamSource } from './stream-source.ts';

/** As seen from outside; each reader sees a state of its own. */
export type StreamState = 'idle' | 'starting' | 'live' | 'offline' | 'removed';

/** The sources of a stream's forms, the best form first. */
export type StreamSources = readonly [StreamSource, ...StreamSource[]];

export interface StreamOptions {
  /** How long a stream stays warm after its last reader left, in milliseconds. */
  linger: number;
  /** Warm from the start, with or without readers. */
  preload?: boolean;
  /** The largest GOP kept for readers that join; with 0 units they wait for the next key frame. */
  gop?: GopLimits;
}

/** For a stream without a camera. */
const noAudio: AudioSource = {
  open: (sink) => {
    sink.silent('no-audio', 'the stream has no camera');
    return { close: () => {} };
  },
};

/** How long a prepared stream stays warm at least (ms), so that `linger: 0` leaves time for the switch. */
const shortestPreparation = 10_000;

const silent: Reader = { unit: () => {}, changed: () => {} };

/**
 * One configured stream: a name, and the forms in which it offers its pictures, the best one first. Each reader gets the
 * first one that it takes, and a form without readers is not made.
 */
export class Stream implements Choice {
  readonly name: string;
  #renditions: readonly [Rendition, ...Rendition[]];
  /** The formats of the renditions that have run, kept as long as the stream runs at all. */
  readonly #known = new Map<Rendition, StreamFormat | 'unplayable'>();
  readonly #readings = new Set<Reading>();
  /** Keeps a preloaded stream warm. */
  #warm: Reading | null = null;
  /** Runs the first form of a changed stream until it is known, beside readers that have another one. */
  #probe: Reading | null = null;
  /** Readings of viewers that are about to want the stream. */
  readonly #prepared = new Set<Reading>();
  #linger: number;
  /**
   * How often viewers may spare it the lingering: a camera that is opened and left again and again costs itself and us more than
   * one that stays open.
   */
  readonly #restings = new TokenBucket(0.5, 4);
  #audio: AudioSource;
  readonly #listeners = new Map<AudioSink, AudioHandle>();
  #removed = false;
  readonly #received = { frames: 0, bytes: 0 };

  constructor(name: string, sources: StreamSources, options: StreamOptions = { linger: 10_000 }, audio = noAudio) {
    this.#audio = audio;
    const [first, ...others] = sources;
    this.name = name;
    this.#linger = options.linger;
    this.#renditions = [this.#create(first, options), ...others.map((source) => this.#create(source, options))];
    this.#keepWarm(options);
  }

  /** From now on the pictures come from elsewhere. Readers keep the old ones until the new ones are there. */
  replace([first, ...others]: StreamSources, options: StreamOptions, audio = noAudio): void {
    this.#hearFrom(audio);
    const [rendition, ...rest] = this.#renditions;
    const dropped = rest.slice(others.length);
    this.#known.clear();
    this.#linger = options.linger;
    this.#renditions = [rendition, ...others.map((source, index) => rest[index] ?? this.#create(source, options))];
    for (const [index, source] of [first, ...others].entries()) {
      this.#renditions[index]?.replace(source, options);
    }
    this.#review();
    for (const rendition of dropped) {
      rendition.close();
    }
    if ([...this.#readings].some((reading) => !reading.reads(rendition))) {
      this.#probe ??= this.read(silent);
    }
    this.#keepWarm(options);
  }

  /** Tells all readers, for good. */
  remove(): void {
    this.#removed = true;
    for (const reading of this.#readings) {
      reading.remove();
    }
    this.close();
  }

  get state(): StreamState {
    const { state } = this.#main;
    if (this.#removed) {
      return 'removed';
    }
    return state === 'unplayable' ? 'offline' : state;
  }

  /** Null until the source told it. */
  get format(): StreamFormat | null {
    return this.#main.format;
  }

  /** Why the stream is offline; empty otherwise. */
  get reason(): string {
    return this.#main.reason;
  }

  /** The source sends, and nothing can be shown before its next key frame. */
  get waitsForKeyframe(): boolean {
    return this.#main.waitsForKeyframe;
  }

  /** From the source, since the device started. */
  get received(): { readonly frames: number; readonly bytes: number } {
    return this.#received;
  }

  get readers(): number {
    const own = [this.#warm, this.#probe].filter((reading) => reading !== null).length;
    return this.#readings.size - this.#prepared.size - own;
  }

  /** @param takes what the reader can show; by default everything */
  read(reader: Reader, takes: Takes = () => true): Reading {
    const reading = new Reading(this, reader, takes);
    this.#readings.add(reading);
    reading.open();
    return reading;
  }

  /**
   * Keeps the stream warm for a viewer that is about to want it, for as long as it would linger after its last reader, and ten
   * seconds at least.
   * @param takes what the viewer can show
   * @param ended called once, when the time is over
   * @returns the way to end it sooner, without `ended`: at once, or after lingering for the same time
   */
  prepare(takes: Takes, ended: () => void): (stop: 'after lingering' | 'at once') => void {
    const reading = this.read(silent, takes);
    this.#prepared.add(reading);
    const time = Math.max(this.#linger, shortestPreparation);
    const end = (stop: 'after lingering' | 'at once') => {
      clearTimeout(timer);
      reading.close(stop === 'at once' ? 0 : time);
    };
    const timer = setTimeout(() => {
      end('at once');
      ended();
    }, time);
    return end;
  }

  /** Whether a viewer may have it stop without lingering, once more. */
  mayRest(): boolean {
    return this.#restings.take();
  }

  /**
   * Ends the lingering after the last reader, or spares it if the present readers leave before others join.
   * @returns false if it lingers nevertheless, since it was spared too often of late
   */
  rest(): boolean {
    const isAtRest = this.#renditions.every(({ lingers }) => !lingers) || this.mayRest();
    for (const rendition of isAtRest ? this.#renditions : []) {
      rendition.rest();
    }
    return isAtRest;
  }

  /** Hands its sound to a sink, as long as its pictures run: that takes a reader. A sink listens once. */
  listen(sink: AudioSink): AudioHandle {
    this.#listeners.set(sink, this.#audio.open(sink));
    return {
      close: () => {
        this.#listeners.get(sink)?.close();
        this.#listeners.delete(sink);
      },
    };
  }

  close(): void {
    for (const handle of this.#listeners.values()) {
      handle.close();
    }
    this.#listeners.clear();
    this.#readings.clear();
    for (const rendition of this.#renditions) {
      rendition.close();
    }
  }

  /**
   * A reader keeps a form that may do until a better one is live. A form of which nothing is known is tried only by a
   * reader that has none.
   */
  choose(takes: Takes, present: Rendition | null): Rendition {
    const mayDo = (rendition: Rendition) => {
      const known = this.#known.get(rendition);
      return known === undefined || (known !== 'unplayable' && takes(known));
    };
    const fitting = this.#renditions.filter(mayDo);
    const kept = fitting.find((rendition) => rendition === present);
    const isBetter = (rendition: Rendition) => this.#known.has(rendition) && rendition.state === 'live';
    return (
      (kept && fitting.find((rendition) => rendition === kept || isBetter(rendition))) ??
      fitting[0] ??
      this.#renditions[0]
    );
  }

  ended(reading: Reading): void {
    this.#readings.delete(reading);
    this.#prepared.delete(reading);
  }

  /** The form that stands for the whole: the first one that is live. */
  get #main(): Rendition {
    const [first] = this.#renditions;
    return this.#renditions.find(({ state }) => state === 'live') ?? this.#renditions.find(isAwake) ?? first;
  }

  #hearFrom(audio: AudioSource): void {
    const before = this.#audio;
    this.#audio = audio;
    for (const [sink, handle] of before === audio ? [] : this.#listeners) {
      handle.close();
      this.#listeners.set(sink, audio.open(sink));
    }
  }

  #create(source: StreamSource, options: StreamOptions): Rendition {
    const rendition: Rendition = new Rendition(source, options, {
      unit: ({ data }) => {
        this.#received.frames++;
        this.#received.bytes += data.length;
      },
      changed: () => this.#changed(rendition),
    });
    return rendition;
  }

  #keepWarm({ preload = false }: StreamOptions): void {
    if (preload) {
      this.#warm ??= this.read(silent);
    } else {
      this.#warm?.close();
      this.#warm = null;
    }
  }

  #changed(rendition: Rendition): void {
    const { state, format } = rendition;
    if (!this.#renditions.includes(rendition)) {
      return;
    }
    if (state === 'unplayable') {
      this.#known.set(rendition, 'unplayable');
    } else if ((state === 'live' || state === 'starting') && format !== null) {
      this.#known.set(rendition, format);
    } else if (state === 'offline' || !this.#renditions.some(isAwake)) {
      // The camera that comes back may be another one.
      this.#known.clear();
    }
    this.#review();
    if (rendition === this.#renditions[0] && state !== 'starting' && state !== 'idle') {
      this.#probe?.close();
      this.#probe = null;
    }
  }

  #review(): void {
    for (const reading of this.#readings) {
      reading.review();
    }
  }
}

function isAwake({ state }: Rendition): boolean {
  return state !== 'idle';
}
