import type { AccessUnit, StreamFormat } from '../media/access-unit.ts';
import type { GopLimits } from '../media/gop.ts';
import { Opening, type OpeningEvents, type OpeningState } from './opening.ts';
import type { StreamSource } from './stream-source.ts';

export type RenditionState = 'idle' | OpeningState;

/** Takes units as they come. Neither call may throw. */
export interface Reader {
  unit(unit: AccessUnit): void;
  /** The state or the format changed. */
  changed(): void;
}

export interface RenditionOptions {
  /** How long it stays warm after its last reader left, in milliseconds. */
  linger: number;
  /** The largest GOP kept for readers that join; with 0 units they wait for the next key frame. */
  gop?: GopLimits;
}

/**
 * How often a viewer that lost a picture is helped, and an encoder asked for a key frame, in milliseconds. Every reader of
 * an encoded stream gets the key frames that one of them asks for, and each is as large as many other pictures.
 */
export const keyframeIntervalMs = 500;

/** The source that shall take over, and what happens where it turns out to be offline. */
interface Replacement {
  opening: Opening;
  whenOffline: 'take over' | 'give up';
}

/**
 * One form of a stream's pictures, as its source sends them or encoded anew, shared by all of its readers. The first
 * reader opens the source, the last one lets it linger, and each finds the GOP so far.
 *
 * A source that is replaced plays on until the new one has a key frame, for all readers at once.
 */
export class Rendition {
  readonly #watch: Reader;
  readonly #readers = new Set<Reader>();
  #source: StreamSource;
  #options: RenditionOptions;
  /** The open source; null without readers. */
  #present: Opening | null = null;
  #next: Replacement | null = null;
  #lingering: NodeJS.Timeout | undefined;
  /** Whether it stops at once when its present readers have left. */
  #isLastCall = false;
  #keyframeAskedAt = Number.NEGATIVE_INFINITY;

  /** @param watch hears of every unit, and of every change before the readers do */
  constructor(source: StreamSource, options: RenditionOptions, watch: Reader) {
    this.#source = source;
    this.#options = options;
    this.#watch = watch;
  }

  get state(): RenditionState {
    return this.#present?.state ?? 'idle';
  }

  /** The source's last word since it was opened; null before its first. */
  get format(): StreamFormat | null {
    return this.#present?.format ?? null;
  }

  /** Why it is offline or unplayable; empty otherwise. */
  get reason(): string {
    return this.#present?.reason ?? '';
  }

  /** The source sends, and nothing can be shown before its next key frame. */
  get waitsForKeyframe(): boolean {
    return this.#present?.waitsForKeyframe === true;
  }

  /** Milliseconds from one picture to the next, where the source is slow; otherwise 0. */
  get intervalMs(): number {
    return this.#present?.intervalMs ?? 0;
  }

  /** Milliseconds between key frames while the source sends a quiet scene; otherwise null. */
  get quietMs(): number | null {
    return this.#present?.quietMs ?? null;
  }

  /** Whether a key frame comes as soon as it is asked for. */
  get encodes(): boolean {
    return this.#present?.encodes ?? this.#source.encodes === true;
  }

  /** From the last key frame to now; empty while there is none. */
  get gop(): readonly AccessUnit[] {
    return this.#present?.gop ?? [];
  }

  /** Joining twice is joining once. */
  join(reader: Reader): void {
    this.#readers.add(reader);
    this.#isLastCall = false;
    clearTimeout(this.#lingering);
    if (this.#present === null) {
      this.#keyframeAskedAt = Number.NEGATIVE_INFINITY;
      this.#begin();
    } else if (this.#present.lacksGop) {
      this.requestKeyframe();
    }
  }

  /** @param linger how long it stays warm if this was the last reader, in milliseconds */
  leave(reader: Reader, linger = this.#options.linger): void {
    if (this.#readers.delete(reader) && this.#readers.size === 0 && this.#present !== null) {
      clearTimeout(this.#lingering);
      if (linger === 0 || this.#isLastCall) {
        this.#stop();
      } else {
        this.#lingering = setTimeout(() => this.#stop(), linger);
        this.#lingering.unref();
      }
    }
  }

  /** Whether it lingers, or will after its present readers. */
  get lingers(): boolean {
    return this.#present !== null && !this.#isLastCall;
  }

  /** Ends the lingering after the last reader; while there are readers, it will not linger after them unless others join. */
  rest(): void {
    if (this.#readers.size > 0) {
      this.#isLastCall = true;
    } else if (this.#present !== null) {
      this.#stop();
    }
  }

  /** The pictures come from another source from now on; it takes over even where it is offline. */
  replace(source: StreamSource, options: RenditionOptions): void {
    this.#source = source;
    this.#options = options;
    this.#openBeside('take over');
  }

  requestKeyframe(): void {
    const now = performance.now();
    if (now - this.#keyframeAskedAt >= keyframeIntervalMs) {
      this.#keyframeAskedAt = now;
      this.#present?.requestKeyframe();
    }
  }

  /**
   * The present picture as JPEG.
   * @param width pixels; undefined: the source's own
   */
  async still(width: number | undefined): Promise<Buffer> {
    if (this.#present === null) {
      throw new Error('the stream is not running');
    }
    return this.#present.still(width);
  }

  close(): void {
    this.#readers.clear();
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#lingering);
    const [present, next] = [this.#present, this.#next];
    this.#present = null;
    this.#next = null;
    next?.opening.close();
    present?.close();
    this.#tell();
  }

  #begin(): void {
    const opening = this.#createOpening();
    this.#present = opening;
    opening.open();
    if (opening.state === 'starting' && opening === this.#present) {
      this.#tell();
    }
  }

  /** The one way from source to source. An opening that only lingers is closed instead. */
  #openBeside(whenOffline: Replacement['whenOffline']): void {
    if (this.#present === null) {
      return;
    }
    if (this.#readers.size === 0) {
      this.#stop();
      return;
    }
    const before = this.#next;
    const next = { opening: this.#createOpening(), whenOffline };
    this.#next = next;
    // Opened before the others are closed: a camera that is behind both goes on without a stop.
    next.opening.open();
    before?.opening.close();
    this.#considerNext();
  }

  /** The next source takes over with its first key frame, or where nothing is lost by it. */
  #considerNext(): void {
    if (this.#next === null) {
      return;
    }
    const { opening, whenOffline } = this.#next;
    const isReady = opening.state === 'live' || opening.state === 'unplayable';
    if (opening.state === 'offline' && whenOffline === 'give up') {
      this.#next = null;
      opening.close();
    } else if (isReady || opening.state === 'offline' || this.state !== 'live') {
      const before = this.#present;
      this.#present = opening;
      this.#next = null;
      before?.close();
      this.#tell();
    }
  }

  #createOpening(): Opening {
    return new Opening(this.#source, this.#options.gop, this.#events);
  }

  #tell(): void {
    this.#watch.changed();
    for (const reader of this.#readers) {
      reader.changed();
    }
  }

  readonly #events: OpeningEvents = {
    changed: (opening) => {
      if (opening === this.#next?.opening) {
        this.#considerNext();
      } else if (opening === this.#present) {
        if (this.#next !== null && opening.state !== 'live') {
          this.#considerNext();
        } else {
          this.#tell();
        }
      }
    },
    unit: (opening, unit) => {
      if (opening !== this.#present) {
        return;
      }
      this.#watch.unit(unit);
      // A reader that joins meanwhile gets the unit too.
      for (const reader of this.#readers) {
        reader.unit(unit);
      }
    },
    renew: (opening) => {
      if (opening === this.#present && this.#next === null) {
        this.#openBeside('give up');
      }
    },
  };
}
