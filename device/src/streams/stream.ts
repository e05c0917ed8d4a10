import type { StreamFormat } from '../media/access-unit.ts';
import type { GopLimits } from './gop-cache.ts';
import { type Choice, Reading, type Takes } from './reading.ts';
import { type Reader, Rendition } from './rendition.ts';
import type { StreamSource } from './stream-source.ts';

/** As seen from outside; who reads it sees a state of its own. */
export type StreamState = 'idle' | 'starting' | 'live' | 'offline' | 'removed';

/** Of its forms, the best one first. */
export type StreamSources = readonly [StreamSource, ...StreamSource[]];

export interface StreamOptions {
  /** How long a stream stays warm after its last reader left, in milliseconds. */
  linger: number;
  /** Warm from the start, whether anyone watches or not. */
  preload?: boolean;
  /** What is kept for those who join; with no units at all they wait for the next key frame. */
  gop?: GopLimits;
}

const nobody: Reader = { unit: () => {}, changed: () => {} };

/**
 * One configured stream: a name, and the forms in which its pictures are to be had, the best one first. Each reader gets
 * the first one that it takes, and what nobody takes is not made.
 */
export class Stream implements Choice {
  readonly name: string;
  #renditions: readonly [Rendition, ...Rendition[]];
  /** What a form is like, learned when it ran, for as long as the stream runs at all. */
  readonly #known = new Map<Rendition, StreamFormat | 'unplayable'>();
  readonly #readings = new Set<Reading>();
  /** Keeps a preloaded stream warm. */
  #warm: Reading | null = null;
  #removed = false;
  readonly #received = { frames: 0, bytes: 0 };

  constructor(name: string, sources: StreamSources, options: StreamOptions = { linger: 10_000 }) {
    this.name = name;
    this.#renditions = this.#create(sources, options);
    this.#keepWarm(options);
  }

  /** From now on the pictures come from elsewhere. Who watches goes on with the old ones until the new ones are there. */
  replace(sources: StreamSources, options: StreamOptions): void {
    const before = this.#renditions;
    this.#known.clear();
    this.#renditions = this.#create(sources, options);
    for (const reading of this.#readings) {
      reading.review();
    }
    for (const rendition of before) {
      rendition.retire();
    }
    this.#keepWarm(options);
  }

  /** Tells all who watch, for good. */
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

  /** From the source, since the device started. */
  get received(): { readonly frames: number; readonly bytes: number } {
    return this.#received;
  }

  get readers(): number {
    return this.#readings.size - (this.#warm === null ? 0 : 1);
  }

  /** @param takes what the reader can show; by default everything */
  read(reader: Reader, takes: Takes = () => true): Reading {
    const reading = new Reading(this, reader, takes);
    this.#readings.add(reading);
    reading.open();
    return reading;
  }

  close(): void {
    this.#readings.clear();
    for (const rendition of this.#renditions) {
      rendition.close();
    }
  }

  /** A form of which nothing is known is tried, unless the reader has one already that may do. */
  choose(takes: Takes, present: Rendition | null): Rendition {
    for (const rendition of this.#renditions) {
      const known = this.#known.get(rendition);
      if (known === undefined) {
        return present !== null && this.#mayBeTaken(present, takes) ? present : rendition;
      }
      if (known !== 'unplayable' && takes(known)) {
        return rendition;
      }
    }
    return this.#renditions[0];
  }

  ended(reading: Reading): void {
    this.#readings.delete(reading);
  }

  /** What stands for the whole: the first form that runs. */
  get #main(): Rendition {
    const [first] = this.#renditions;
    return this.#renditions.find(({ state }) => state === 'live') ?? this.#renditions.find(isAwake) ?? first;
  }

  #mayBeTaken(rendition: Rendition, takes: Takes): boolean {
    const known = this.#known.get(rendition);
    return this.#renditions.includes(rendition) && known !== 'unplayable' && (known === undefined || takes(known));
  }

  #create([first, ...others]: StreamSources, options: StreamOptions): readonly [Rendition, ...Rendition[]] {
    return [this.#createOne(first, options), ...others.map((source) => this.#createOne(source, options))];
  }

  #createOne(source: StreamSource, { linger, gop }: StreamOptions): Rendition {
    const rendition: Rendition = new Rendition(source, {
      linger,
      ...(gop === undefined ? {} : { gop }),
      watch: {
        unit: ({ data }) => {
          this.#received.frames++;
          this.#received.bytes += data.length;
        },
        changed: () => this.#changed(rendition),
      },
    });
    return rendition;
  }

  #keepWarm({ preload = false }: StreamOptions): void {
    if (preload) {
      this.#warm ??= this.read(nobody);
    } else {
      this.#warm?.end();
      this.#warm = null;
    }
  }

  #changed(rendition: Rendition): void {
    if (!this.#renditions.includes(rendition)) {
      return;
    }
    if (rendition.state === 'unplayable') {
      this.#known.set(rendition, 'unplayable');
    } else if (rendition.state === 'live' && rendition.format !== null) {
      this.#known.set(rendition, rendition.format);
    } else if (rendition.state === 'offline' || !this.#renditions.some(isAwake)) {
      // The camera that comes back may be another one.
      this.#known.clear();
    }
    for (const reading of this.#readings) {
      reading.review();
    }
  }
}

function isAwake({ state }: Rendition): boolean {
  return state !== 'idle';
}
