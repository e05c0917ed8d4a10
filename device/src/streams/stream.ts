import type { AccessUnit, StreamFormat } from './access-unit.ts';
import { GopCache, type GopLimits } from './gop-cache.ts';
import type { StreamFeed, StreamSource } from './stream-source.ts';

/** `removed`: the configuration no longer has it; it never comes back. */
export type StreamState = 'idle' | 'starting' | 'live' | 'offline' | 'removed';

/** Someone who takes a stream's units as they come. Neither call may throw. */
export interface StreamReader {
  unit(unit: AccessUnit): void;
  /** The stream's state or format changed. */
  changed(): void;
}

export interface StreamOptions {
  /** How long a stream stays warm after its last reader left, in milliseconds. */
  linger: number;
  /** Warm from the start, whether anyone watches or not. */
  preload?: boolean;
  /** What is kept for those who join; with no units at all they wait for the next key frame. */
  gop?: GopLimits;
}

/**
 * One configured stream, shared by all who watch it: the first reader starts the source, the last one lets it linger,
 * and whoever joins finds the GOP so far.
 */
export class Stream {
  readonly name: string;
  #source: StreamSource;
  #linger: number;
  #gop: GopCache;
  readonly #readers = new Set<StreamReader>();
  #state: StreamState = 'idle';
  #format: StreamFormat | null = null;
  #reason = '';
  #feed: StreamFeed | null = null;
  #lingering: NodeJS.Timeout | undefined;
  readonly #received = { frames: 0, bytes: 0 };

  constructor(
    name: string,
    source: StreamSource,
    { linger, preload = false, gop }: StreamOptions = { linger: 10_000 },
  ) {
    this.name = name;
    this.#source = source;
    this.#linger = preload ? Number.POSITIVE_INFINITY : linger;
    this.#gop = new GopCache(gop);
    if (preload) {
      this.#start();
    }
  }

  /** From now on the pictures come from elsewhere. Who watches keeps the last one until the first new one is there. */
  replace(source: StreamSource, { linger, preload = false, gop }: StreamOptions): void {
    clearTimeout(this.#lingering);
    this.#close();
    this.#source = source;
    this.#gop = new GopCache(gop);
    this.#linger = preload ? Number.POSITIVE_INFINITY : linger;
    if (this.#readers.size > 0 || preload) {
      this.#start();
    } else {
      this.#become('idle');
    }
  }

  /** Tells all who watch, for good. */
  remove(): void {
    clearTimeout(this.#lingering);
    this.#close();
    this.#become('removed');
    this.#readers.clear();
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Null until the source told it. */
  get format(): StreamFormat | null {
    return this.#format;
  }

  /** Why the stream is offline; empty otherwise. */
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

  /** From the source, since the device started. */
  get received(): { readonly frames: number; readonly bytes: number } {
    return this.#received;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Joining twice is joining once. */
  join(reader: StreamReader): void {
    this.#readers.add(reader);
    clearTimeout(this.#lingering);
    if (this.#feed === null) {
      this.#start();
    } else if (this.gop.length === 0 && this.#gop.isUsed) {
      this.#feed.requestKeyframe();
    }
  }

  leave(reader: StreamReader): void {
    if (this.#readers.delete(reader) && this.#readers.size === 0 && Number.isFinite(this.#linger)) {
      this.#lingering = setTimeout(() => this.#stop(), this.#linger);
      this.#lingering.unref();
    }
  }

  requestKeyframe(): void {
    this.#feed?.requestKeyframe();
  }

  /**
   * The present picture of a stream that runs, as JPEG (`takeStill` starts one that does not).
   * @param width pixels; undefined: the stream's own
   */
  async still(width: number | undefined): Promise<Buffer> {
    if (this.#feed === null) {
      throw new Error('the stream is not running');
    }
    return this.#feed.still(width ?? this.#format?.width);
  }

  close(): void {
    clearTimeout(this.#lingering);
    this.#readers.clear();
    this.#stop();
  }

  #start(): void {
    this.#become('starting');
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
    });
  }

  #unit(unit: AccessUnit): void {
    this.#received.frames++;
    this.#received.bytes += unit.data.length;
    this.#gop.push(unit);
    for (const reader of this.#readers) {
      reader.unit(unit);
    }
  }

  #stop(): void {
    this.#close();
    this.#become('idle');
  }

  #close(): void {
    this.#feed?.close();
    this.#feed = null;
    this.#format = null;
    this.#gop.clear();
  }

  #become(state: StreamState, reason = ''): void {
    this.#state = state;
    this.#reason = reason;
    for (const reader of this.#readers) {
      reader.changed();
    }
  }
}
