import type { AccessUnit, StreamFormat } from '../media/access-unit.ts';
import type { Reader, Rendition } from './rendition.ts';

/** Whether a viewer can show pictures of this format. */
export type Takes = (format: StreamFormat) => boolean;

/** `mismatch`: it is there, in no form that this reader takes. `removed`: the configuration no longer has it, for good. */
export type ReadingState = 'idle' | 'starting' | 'live' | 'offline' | 'mismatch' | 'removed';

/** What a reading has to know of its stream. */
export interface Choice {
  /** The first of the stream's forms that the reader takes, as far as is known; where it takes none, the first of all. */
  choose(takes: Takes, present: Rendition | null): Rendition;
  ended(reading: Reading): void;
}

/**
 * A stream as one reader sees it: always the first form of its pictures that this reader takes. Where another form
 * becomes the first one, the present one goes on until the other has a key frame.
 */
export class Reading {
  readonly #stream: Choice;
  readonly #reader: Reader;
  readonly #takes: Takes;
  #present: Rendition | null = null;
  /** What shall take over. */
  #next: Rendition | null = null;
  /** While it is `opening` its owner has not got it yet, and is told nothing. */
  #state: 'opening' | 'open' | 'removed' | 'ended' = 'opening';

  constructor(stream: Choice, reader: Reader, takes: Takes) {
    this.#stream = stream;
    this.#reader = reader;
    this.#takes = takes;
  }

  get state(): ReadingState {
    if (this.#state === 'removed') {
      return 'removed';
    }
    const { state, format } = this.#present ?? { state: 'idle', format: null };
    if (state === 'live') {
      return format !== null && this.#takes(format) ? 'live' : 'mismatch';
    }
    return state === 'unplayable' ? 'mismatch' : state;
  }

  /** Why the stream is offline, or of no use to this reader; empty otherwise. */
  get reason(): string {
    const { reason = '', format } = this.#present ?? {};
    if (this.state !== 'mismatch') {
      return reason;
    }
    const why = reason || `is ${format?.codec}, which this browser does not take`;
    return `codec mismatch: the camera's video ${why}; allow it to be transcoded, or give it a source ffmpeg:NAME#video=h264`;
  }

  /** Null until the source told it. */
  get format(): StreamFormat | null {
    return this.#present?.format ?? null;
  }

  /** Whether a key frame comes as soon as it is asked for. */
  get encodes(): boolean {
    return this.#present?.encodes === true;
  }

  /** From the last key frame to now; empty while there is none that the reader takes. */
  get gop(): readonly AccessUnit[] {
    return this.state === 'live' ? (this.#present?.gop ?? []) : [];
  }

  requestKeyframe(): void {
    this.#present?.requestKeyframe();
  }

  /**
   * The present picture as JPEG.
   * @param width pixels; undefined: the stream's own
   */
  async still(width: number | undefined): Promise<Buffer> {
    if (this.#present === null) {
      throw new Error('the stream is not running');
    }
    return this.#present.still(width);
  }

  /** Once, before anything else. */
  open(): void {
    this.review();
    this.#state = 'open';
  }

  /** The stream's forms changed, or what is known of them, or what the reader takes. */
  review(): void {
    if (this.#state !== 'open' && this.#state !== 'opening') {
      return;
    }
    const best = this.#stream.choose(this.#takes, this.#present);
    if (best === (this.#next ?? this.#present)) {
      return;
    }
    const dropped = this.#next;
    this.#next = null;
    if (best === this.#present) {
      // What was to take over is no longer wanted.
    } else if (this.state === 'live') {
      this.#next = best;
      best.join(this.#ofNext);
      this.#takeOver();
    } else {
      this.#turnTo(best);
    }
    dropped?.leave(this.#ofNext);
  }

  /** For the stream: the configuration no longer has it. */
  remove(): void {
    if (this.#state === 'open') {
      this.#leave();
      this.#state = 'removed';
      this.#reader.changed();
    }
  }

  end(): void {
    if (this.#state !== 'ended') {
      this.#leave();
      this.#state = 'ended';
      this.#stream.ended(this);
    }
  }

  /** The next form takes over when it has a key frame, or when it turns out that there will be none. */
  #takeOver(unit?: AccessUnit): void {
    const next = this.#next;
    if (next === null || !(next.gop.length > 0 || unit?.keyframe || next.state === 'offline')) {
      return;
    }
    this.#next = null;
    this.#turnTo(next);
    next.leave(this.#ofNext);
  }

  /** Joins before it leaves: a camera between two forms of its pictures is not to stop. */
  #turnTo(rendition: Rendition): void {
    const before = this.#present;
    this.#present = rendition;
    rendition.join(this.#ofPresent);
    before?.leave(this.#ofPresent);
    this.#tell();
  }

  #leave(): void {
    this.#next?.leave(this.#ofNext);
    this.#present?.leave(this.#ofPresent);
    this.#next = null;
    this.#present = null;
  }

  #tell(): void {
    if (this.#state === 'open') {
      this.#reader.changed();
    }
  }

  readonly #ofPresent: Reader = {
    unit: (unit) => {
      if (this.state === 'live') {
        this.#reader.unit(unit);
      }
    },
    changed: () => this.#tell(),
  };

  readonly #ofNext: Reader = {
    // Where it takes over, `#ofPresent` has joined, and gets this same unit.
    unit: (unit) => this.#takeOver(unit),
    changed: () => this.#takeOver(),
  };
}
