import type { AccessUnit, StreamFormat } from '../media/access-unit.ts';
import type { GopLimits } from '../media/gop.ts';
import { Patience } from '../media/patience.ts';
import { Activity } from './activity.ts';
import { GopCache } from './gop-cache.ts';
import type { SourceHandle, StreamSink, StreamSource } from './stream-source.ts';

/** `live`: a key frame has come, and nothing was lost since. `unplayable`: it runs, and no browser takes what it sends. */
export type OpeningState = 'starting' | 'live' | 'offline' | 'unplayable';

export interface OpeningEvents {
  /** The state or the format changed. */
  changed(opening: Opening): void;
  unit(opening: Opening, unit: AccessUnit): void;
  /** The source asks to be opened again. */
  renew(opening: Opening): void;
}

/** A source is slow if its pictures are further apart than this, in milliseconds. */
const slowMs = 2000;

/** One opening of a source, until it is closed: what the source says of itself, and its units since the last key frame. */
export class Opening {
  /** Whether the source makes a key frame as soon as it is asked for one. */
  readonly encodes: boolean;
  readonly #source: StreamSource;
  readonly #events: OpeningEvents;
  readonly #gop: GopCache;
  #activity = new Activity();
  #state: OpeningState = 'starting';
  #format: StreamFormat | null = null;
  #reason = '';
  /** How often the source has said that it sends, and has sent no key frame. */
  #sends = 0;
  readonly #pace = new Patience(0, 0);
  #handle: SourceHandle | null = null;
  #isClosed = false;

  constructor(source: StreamSource, gop: GopLimits | undefined, events: OpeningEvents) {
    this.encodes = source.encodes === true;
    this.#source = source;
    this.#events = events;
    this.#gop = new GopCache(gop);
  }

  get state(): OpeningState {
    return this.#state;
  }

  /** The source's last word; null before its first. */
  get format(): StreamFormat | null {
    return this.#format;
  }

  /** Why it is offline or unplayable; empty otherwise. */
  get reason(): string {
    return this.#reason;
  }

  /** The source sends, and nothing can be shown before its next key frame. */
  get waitsForKeyframe(): boolean {
    return this.#state === 'starting' && this.#sends > 0;
  }

  /** Milliseconds from one picture to the next, in whole seconds; 0 where the source is not slow, or where that is not known. */
  get intervalMs(): number {
    const { gapMs } = this.#pace;
    return gapMs > slowMs ? Math.ceil(gapMs / 1000) * 1000 : 0;
  }

  /** From the last key frame to now; empty while there is none. */
  get gop(): readonly AccessUnit[] {
    return this.#gop.units;
  }

  /** Milliseconds between key frames while the source sends a quiet scene, and the GOP so far is kept; otherwise null. */
  get quietMs(): number | null {
    return this.#activity.isQuiet && this.gop.length > 0 ? this.#activity.keyframeMs : null;
  }

  /** Whether a reader that joins now has to wait for a key frame that it could have had at once. */
  get lacksGop(): boolean {
    return this.#gop.isUsed && this.gop.length === 0;
  }

  /** Called once, by the owner that holds this opening already: the source may answer while it is being opened. */
  open(): void {
    const handle = this.#source.open(this.#sink);
    if (this.#isClosed) {
      handle.close();
    } else {
      this.#handle = handle;
    }
  }

  requestKeyframe(): void {
    this.#handle?.requestKeyframe();
  }

  async still(width: number | undefined): Promise<Buffer> {
    if (this.#handle === null) {
      throw new Error('the stream is not running');
    }
    return this.#handle.still(width ?? this.#format?.width);
  }

  close(): void {
    this.#isClosed = true;
    this.#handle?.close();
    this.#handle = null;
  }

  #become(state: OpeningState, reason = ''): void {
    this.#state = state;
    this.#reason = reason;
    this.#events.changed(this);
  }

  readonly #sink: StreamSink = {
    format: (format) => {
      if (!this.#isClosed) {
        this.#format = format;
        this.#sends = 0;
        this.#gop.clear();
        this.#activity = new Activity();
        // A live source goes on with a key frame at once.
        this.#become(this.#state === 'live' ? 'live' : 'starting');
      }
    },
    unit: (unit) => {
      if (this.#isClosed) {
        return;
      }
      this.#pace.came(performance.now());
      this.#gop.push(unit);
      this.#activity.push(unit);
      if (unit.keyframe && this.#state !== 'live') {
        this.#become('live');
      }
      this.#events.unit(this, unit);
    },
    sends: () => {
      if (!this.#isClosed && this.#state === 'starting' && ++this.#sends === 2) {
        // The first word of it comes with the first packet, and most cameras have a key frame by the second, a second later.
        this.#events.changed(this);
      }
    },
    offline: (reason) => {
      this.#sends = 0;
      this.#lose('offline', reason);
    },
    unplayable: (reason) => this.#lose('unplayable', reason),
    renew: () => {
      if (!this.#isClosed) {
        this.#events.renew(this);
      }
    },
  };

  #lose(state: 'offline' | 'unplayable', reason: string): void {
    if (!this.#isClosed) {
      this.#gop.clear();
      this.#activity = new Activity();
      this.#become(state, reason);
    }
  }
}
