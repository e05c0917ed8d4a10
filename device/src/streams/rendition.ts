import type { AccessUnit, StreamFormat } from '../media/access-unit.ts';
import { GopCache, type GopLimits } from './gop-cache.ts';
import type { StreamFeed, StreamSource } from './stream-source.ts';

/** `unplayable`: it runs, and no browser takes what it sends. */
export type RenditionState = 'idle' | 'starting' | 'live' | 'offline' | 'unplayable';

/** Someone who takes units as they come. Neither call may throw. */
export interface Reader {
  unit(unit: AccessUnit): void;
  /** The state or the format changed. */
  changed(): void;
}

export interface RenditionOptions {
  /** How long it stays warm after its last reader left, in milliseconds. */
  linger: number;
  /** What is kept for those who join; with no units at all they wait for the next key frame. */
  gop?: GopLimits;
  /** Is told of every unit, and of every change before the readers are. */
  watch?: Reader;
}

/**
 * Every reader of an encoded stream gets the key frames that one of them asks for, and each is as large as many other
 * pictures; so they are asked for at most this often, in milliseconds.
 */
const keyframeInterval = 500;

/**
 * One form of a stream's pictures, as its source sends them or encoded anew, shared by all who read it: the first reader
 * starts the source, the last one lets it linger, and whoever joins finds the GOP so far.
 */
export class Rendition {
  readonly #source: StreamSource;
  readonly #gop: GopCache;
  readonly #watch: Reader | undefined;
  readonly #readers = new Set<Reader>();
  #linger: number;
  #state: RenditionState = 'idle';
  #format: StreamFormat | null = null;
  #reason = '';
  #feed: StreamFeed | null = null;
  #lingering: NodeJS.Timeout | undefined;
  #keyframeAskedAt = Number.NEGATIVE_INFINITY;

  constructor(source: StreamSource, { linger, gop, watch }: RenditionOptions) {
    this.#source = source;
    this.#linger = linger;
    this.#gop = new GopCache(gop);
    this.#watch = watch;
  }

  get state(): RenditionState {
    return this.#state;
  }

  /** What the source said last; null where it has said nothing since it started. */
  get format(): StreamFormat | null {
    return this.#format;
  }

  /** Why it is offline or unplayable; empty otherwise. */
  get reason(): string {
    return this.#reason;
  }

  /** Whether a key frame comes as soon as it is asked for. */
  get encodes(): boolean {
    return this.#source.encodes === true;
  }

  /** From the last key frame to now; empty while none is there. */
  get gop(): readonly AccessUnit[] {
    return this.#gop.units;
  }

  /** Joining twice is joining once. */
  join(reader: Reader): void {
    this.#readers.add(reader);
    clearTimeout(this.#lingering);
    if (this.#state === 'idle') {
      this.#start();
    } else if (this.gop.length === 0 && this.#gop.isUsed) {
      this.requestKeyframe();
    }
  }

  leave(reader: Reader): void {
    if (this.#readers.delete(reader)) {
      this.#rest();
    }
  }

  requestKeyframe(): void {
    const now = performance.now();
    if (now - this.#keyframeAskedAt >= keyframeInterval) {
      this.#keyframeAskedAt = now;
      this.#feed?.requestKeyframe();
    }
  }

  /**
   * The present picture as JPEG.
   * @param width pixels; undefined: the source's own
   */
  async still(width: number | undefined): Promise<Buffer> {
    if (this.#feed === null) {
      throw new Error('the stream is not running');
    }
    return this.#feed.still(width ?? this.#format?.width);
  }

  /** Another one takes its place: it ends with its last reader, and does not linger. */
  retire(): void {
    this.#linger = 0;
    this.#rest();
  }

  close(): void {
    this.#readers.clear();
    this.#stop();
  }

  #rest(): void {
    clearTimeout(this.#lingering);
    if (this.#readers.size > 0 || this.#feed === null) {
      return;
    }
    if (this.#linger === 0) {
      this.#stop();
    } else {
      this.#lingering = setTimeout(() => this.#stop(), this.#linger);
      this.#lingering.unref();
    }
  }

  /**
   * The state says `starting` before the source is opened, so that a reader that joins meanwhile does not open it again.
   * Readers hear of it once the feed is there: what they do then may need it.
   */
  #start(): void {
    this.#state = 'starting';
    this.#keyframeAskedAt = Number.NEGATIVE_INFINITY;
    this.#feed = this.#source.open({
      format: (format) => {
        this.#format = format;
        this.#gop.clear();
        this.#become('live');
      },
      unit: (unit) => this.#unit(unit),
      offline: (reason) => {
        this.#gop.clear();
        this.#become('offline', reason);
      },
      unplayable: (reason) => {
        this.#gop.clear();
        this.#become('unplayable', reason);
      },
    });
    if (this.#isStarting) {
      this.#become('starting');
    }
    // Readers that left while the source was being opened found no feed to close.
    this.#rest();
  }

  get #isStarting(): boolean {
    return this.#state === 'starting';
  }

  #unit(unit: AccessUnit): void {
    this.#gop.push(unit);
    this.#watch?.unit(unit);
    // One that joins meanwhile gets it too.
    for (const reader of this.#readers) {
      reader.unit(unit);
    }
  }

  #stop(): void {
    clearTimeout(this.#lingering);
    this.#feed?.close();
    this.#feed = null;
    this.#format = null;
    this.#gop.clear();
    this.#become('idle');
  }

  #become(state: RenditionState, reason = ''): void {
    this.#state = state;
    this.#reason = reason;
    this.#watch?.changed();
    for (const reader of this.#readers) {
      reader.changed();
    }
  }
}
