import type { Stream } from './stream.ts';

/** Widths in which stills are made, in pixels; each is a picture to be scaled and encoded, so there are few. */
const widths = [160, 240, 320, 480, 640, 960, 1280, 1920, 2560, 3840];
/** A still is given again within this time, in milliseconds. */
const freshness = 1000;
/** Where too many are asked for, an older one will do: up to this age, in milliseconds. */
const longestKept = 10_000;

export interface StillLimits {
  /** Stills that are made at a time, of all streams together. */
  atOnce: number;
  /** Stills that wait for that. */
  waiting: number;
  /** How long one may take, its camera's start included, in milliseconds. */
  patience: number;
}

/** A still that was asked for. */
interface Entry {
  readonly at: number;
  readonly still: Promise<Buffer>;
  /** Callers that wait for it; once it is there they stay counted. */
  takers: number;
  isDone: boolean;
  giveUp(): void;
}

/** Too many stills are asked for at the moment. */
export class StillsBusy extends Error {
  override readonly name = 'StillsBusy';
}

class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** Stills of all streams, for posters: few at a time, and each of them for everyone who asks within a second. */
export class Stills {
  readonly #limits: StillLimits;
  readonly #now: () => number;
  readonly #made = new Map<string, Entry>();
  readonly #waiting: (() => void)[] = [];
  #working = 0;

  constructor(
    limits: StillLimits = { atOnce: 3, waiting: 32, patience: 10_000 },
    now: () => number = () => performance.now(),
  ) {
    this.#limits = limits;
    this.#now = now;
  }

  /**
   * The present picture of a stream as JPEG. A stream without viewers is started for it, and lingers.
   * @param width pixels, brought to the next of a few widths; undefined: the stream's own
   * @param gone aborted when the caller no longer wants it; a still that nobody waits for is given up
   * @throws {StillsBusy}
   * @throws {Error} that says why the stream is offline, or that no picture came in time
   */
  async take(stream: Stream, width: number | undefined, gone?: AbortSignal): Promise<Buffer> {
    const made = width === undefined ? undefined : (widths.find((one) => one >= width) ?? widths.at(-1));
    const key = `${made ?? ''} ${stream.name}`;
    const present = this.#made.get(key);
    if (present !== undefined && this.#now() - present.at < freshness) {
      return this.#share(present, gone);
    }
    if (this.#working >= this.#limits.atOnce && this.#waiting.length >= this.#limits.waiting) {
      if (present === undefined || this.#now() - present.at >= longestKept) {
        throw new StillsBusy('too many stills are asked for at the moment');
      }
      return this.#share(present, gone);
    }
    const end = Promise.withResolvers<never>();
    const entry: Entry = {
      ...{ at: this.#now(), still: this.#make(stream, made, end), takers: 0, isDone: false },
      giveUp: () => {
        this.#forget(key, entry);
        end.reject(new GivenUp('no one waits for it any more'));
      },
    };
    this.#keep(key, entry);
    return this.#share(entry, gone);
  }

  #share(entry: Entry, gone: AbortSignal | undefined): Promise<Buffer> {
    entry.takers++;
    const leave = () => {
      entry.takers -= entry.isDone ? 0 : 1;
      entry.takers === 0 && entry.giveUp();
    };
    gone?.addEventListener('abort', leave, { once: true });
    return entry.still;
  }

  #keep(key: string, entry: Entry): void {
    this.#made.set(key, entry);
    const forget = setTimeout(() => this.#forget(key, entry), longestKept);
    forget.unref();
    const done = () => {
      entry.isDone = true;
    };
    // The callers handle a failure. It is remembered no longer than a fresh still.
    entry.still.then(done, done);
  }

  #forget(key: string, entry: Entry): void {
    this.#made.get(key) === entry && this.#made.delete(key);
  }

  /**
   * Waits for the stream's first picture outside of the queue: a dead camera holds up no other.
   * @param failed rejects when it is given up
   */
  async #make(stream: Stream, width: number | undefined, failed: PromiseWithResolvers<never>): Promise<Buffer> {
    const first = Promise.withResolvers<void>();
    const { patience } = this.#limits;
    let linger: 0 | undefined;
    const timer = setTimeout(
      () =>
        failed.reject(
          new Error(`no ${reading.waitsForKeyframe ? 'key frame' : 'picture'} within ${patience / 1000} s`),
        ),
      patience,
    );
    const look = () => {
      const { state, reason } = reading;
      if (state === 'offline' || state === 'mismatch' || state === 'removed') {
        failed.reject(new Error(reason || 'the stream was removed'));
      }
    };
    const reading = stream.read({ unit: () => first.resolve(), changed: () => look() });
    failed.promise.catch(() => {});
    try {
      if (reading.gop.length === 0) {
        look();
        await Promise.race([first.promise, failed.promise]);
      }
      return await this.#inTurn(() => Promise.race([reading.still(width), failed.promise]));
    } catch (error) {
      // No one may want a camera whose still was given up, such as that of a tile that went on to another one.
      linger = error instanceof GivenUp && stream.mayRest() ? 0 : undefined;
      throw error;
    } finally {
      clearTimeout(timer);
      reading.close(linger);
    }
  }

  async #inTurn<T>(job: () => Promise<T>): Promise<T> {
    if (this.#working >= this.#limits.atOnce) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#working++;
    }
    try {
      return await job();
    } finally {
      // The place goes to the next in the queue, or is free.
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#working--;
      } else {
        next();
      }
    }
  }
}
