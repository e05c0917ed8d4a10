import type { AccessUnit, StreamFormat } from '../media/access-unit.ts';
import type { Reader, Rendition } from './rendition.ts';

/** Whether a viewer can show pictures of this format. */
export type Takes = (format: StreamFormat) => boolean;

/** `mismatch`: it is there, in no form that this reader takes. `removed`: the configuration no longer has it, for good. */
export type ReadingState = 'idle' | 'starting' | 'live' | 'offline' | 'mismatch' | 'removed';

/** The view of its stream that a reading has. */
export interface Choice {
  /** The first of the stream's forms that the reader takes, as far as is known; the first of all where it takes none. */
  choose(takes: Takes, present: Rendition | null): Rendition;
  ended(reading: Reading): void;
}

/** A stream as one reader sees it: always the first form of its pictures that this reader takes. */
export class Reading {
  readonly #stream: Choice;
  readonly #reader: Reader;
  readonly #takes: Takes;
  #rendition: Rendition | null = null;
  /** While it is `opening` its owner does not have it yet, and is told nothing. */
  #state: 'opening' | 'open' | 'removed' | 'ended' = 'opening';
  /** Whether its state is `live`. It is kept, since each picture of each viewer asks, and changes far more rarely than that. */
  #isLive = false;

  constructor(stream: Choice, reader: Reader, takes: Takes) {
    this.#stream = stream;
    this.#reader = reader;
    this.#takes = takes;
  }

  get state(): ReadingState {
    if (this.#state === 'removed') {
      return 'removed';
    }
    const { state, format } = this.#rendition ?? { state: 'idle', format: null };
    if (state === 'live' || state === 'starting') {
      return format === null || this.#takes(format) ? state : 'mismatch';
    }
    return state === 'unplayable' ? 'mismatch' : state;
  }

  /** Why the stream is offline, or of no use to this reader; empty otherwise. */
  get reason(): string {
    const { reason = '', format } = this.#rendition ?? {};
    if (this.state !== 'mismatch') {
      return reason;
    }
    const why = reason || `is ${format?.codec}, which this browser does not take`;
    return `codec mismatch: the camera's video ${why}; allow it to be transcoded, or give it a source ffmpeg:NAME#video=h264`;
  }

  /** Null until the source told it. */
  get format(): StreamFormat | null {
    return this.#rendition?.format ?? null;
  }

  /** The source sends, and nothing can be shown before its next key frame. */
  get waitsForKeyframe(): boolean {
    return this.#rendition?.waitsForKeyframe === true;
  }

  /** Milliseconds from one picture to the next, where the source is slow; otherwise 0. */
  get intervalMs(): number {
    return this.#rendition?.intervalMs ?? 0;
  }

  /** Milliseconds between key frames while the source sends a quiet scene; otherwise null. */
  get quietMs(): number | null {
    return this.#rendition?.quietMs ?? null;
  }

  /** Whether a key frame comes as soon as it is asked for. */
  get encodes(): boolean {
    return this.#rendition?.encodes === true;
  }

  /** From the last key frame to now; empty while there is none that the reader takes. */
  get gop(): readonly AccessUnit[] {
    return this.state === 'live' ? (this.#rendition?.gop ?? []) : [];
  }

  reads(rendition: Rendition): boolean {
    return this.#rendition === rendition;
  }

  requestKeyframe(): void {
    this.#rendition?.requestKeyframe();
  }

  /**
   * The present picture as JPEG.
   * @param width pixels; undefined: the stream's own
   */
  async still(width: number | undefined): Promise<Buffer> {
    if (this.#rendition === null) {
      throw new Error('the stream is not running');
    }
    return this.#rendition.still(width);
  }

  /** Called once, by the stream, before anything else. */
  open(): void {
    this.review();
    this.#state = 'open';
  }

  /** The stream's forms changed, or what is known of them, or what the reader takes. */
  review(): void {
    if (this.#state !== 'open' && this.#state !== 'opening') {
      return;
    }
    const before = this.#rendition;
    const best = this.#stream.choose(this.#takes, before);
    // Held before it is joined, which may lead to another review; joined before the other is left, so that a camera
    // behind both goes on without a stop.
    this.#hold(best);
    if (best !== before) {
      best.join(this.#tap);
      before?.leave(this.#tap);
      this.#tell();
    }
  }

  /** Called by the stream: the configuration no longer has it. */
  remove(): void {
    if (this.#state === 'open') {
      this.#state = 'removed';
      this.#leave();
      this.#reader.changed();
    }
  }

  /** @param linger milliseconds that a stream without other readers lingers before it stops; by default, as it is configured */
  close(linger?: number): void {
    if (this.#state !== 'ended') {
      // Before it leaves, which may lead to a review of all readings.
      this.#state = 'ended';
      this.#leave(linger);
      this.#stream.ended(this);
    }
  }

  #leave(linger?: number): void {
    const rendition = this.#rendition;
    this.#hold(null);
    rendition?.leave(this.#tap, linger);
  }

  #hold(rendition: Rendition | null): void {
    this.#rendition = rendition;
    this.#look();
  }

  #look(): void {
    this.#isLive = this.state === 'live';
  }

  #tell(): void {
    if (this.#state === 'open') {
      this.#reader.changed();
    }
  }

  readonly #tap: Reader = {
    unit: (unit) => {
      if (this.#isLive) {
        this.#reader.unit(unit);
      }
    },
    changed: () => {
      this.#look();
      this.#tell();
    },
  };
}
