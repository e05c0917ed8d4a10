import type { SlotConfig } from '../../../src/protocol/messages.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import type { Reading } from '../streams/reading.ts';
import type { Reader } from '../streams/rendition.ts';
import type { Stream } from '../streams/stream.ts';
import type { CameraClock, Replay, SlotWriter } from './slot-writer.ts';

/** A viewer wants to see this in a slot. */
export type Wish = Omit<SlotConfig, 'slot'>;

/** Why a feed is there. */
export interface Purpose {
  /** The name that was wished for; the stream is a smaller variant of it while the viewer's link is too thin. */
  readonly asked: string;
  readonly wish: Wish;
  /** Id of the request that the feed answers. */
  readonly requestId?: string | undefined;
  /** The slot wants it for the sake of the viewer's link; the viewer did not ask for it. */
  readonly isStep?: boolean;
}

export interface FeedEvents {
  unit(feed: Feed, unit: AccessUnit): void;
  changed(feed: Feed): void;
}

/**
 * The most that a replay may cost after its key frame. An encoder of our own gives another one within a frame interval, so more than
 * that is not worth while: bytes are 40 ms of a thin link's 4 Mbit/s, pixels about as long of a browser's decoding.
 */
const shortReplay = { bytes: 20_000, pixels: 10_000_000 };
/** An encoder that was asked answers within a few pictures; otherwise the replay has to do. Milliseconds. */
const freshWithin = 300;

/**
 * A browser (libwebrtc) that has shown nothing for 3 s asks for a key frame, though nothing was lost. A key frame that really was
 * lost is asked for much sooner. Milliseconds.
 */
const impatience = 2500;

/**
 * How old (ms) the picture of a calm slot may become where the camera sends key frames more often. They are nearly all of a quiet
 * stream's bytes, so each one that is passed over makes the wall cheaper. Four seconds, and a little more: a camera's key frames are not
 * exactly as far apart as it means.
 */
const calmMs = 4500;

/** A stream that a slot reads, and the wish that it fulfils. */
export class Feed implements Reader {
  readonly stream: Stream;
  readonly reading: Reading;
  #purpose: Purpose;
  readonly #writer: SlotWriter;
  readonly #events: FeedEvents;
  #playing = false;
  /**
   * While a quiet stream is sent by key frames alone: the milliseconds between those that are sent, and the last one's timestamp (µs).
   * Null while all pictures are sent.
   */
  #calm: { readonly intervalMs: number; readonly last: number } | null = null;
  /** When a picture was sent last, while it is calm. */
  #sentAt = 0;
  /** When a fresh key frame was asked for, instead of a replay; null for never. Milliseconds. */
  #freshAskedAt: number | null = null;

  constructor(stream: Stream, purpose: Purpose, writer: SlotWriter, events: FeedEvents) {
    this.stream = stream;
    this.#purpose = purpose;
    this.#writer = writer;
    this.#events = events;
    this.reading = stream.read(this, (format) => writer.takes(format));
  }

  /** The stream calls this. A camera that waits for a reader may give a picture before the reading is here; the GOP has it by then. */
  unit(unit: AccessUnit): void {
    this.reading && this.#events.unit(this, unit);
  }

  /** The stream calls this. */
  changed(): void {
    this.reading && this.#events.changed(this);
  }

  get purpose(): Purpose {
    return this.#purpose;
  }

  /** The same stream fulfils another wish from now on. */
  serve(purpose: Purpose): void {
    this.#purpose = purpose;
    if (!purpose.wish.calm) {
      this.wake();
    }
  }

  /** Its key frame was sent, and nothing was lost since. */
  get playing(): boolean {
    return this.#playing;
  }

  /** Whether key frames alone are sent, because nothing moves in it. */
  get isCalm(): boolean {
    return this.#calm !== null;
  }

  /** Milliseconds from one picture that is sent to the next, where they are seconds apart; otherwise 0. */
  get intervalMs(): number {
    return this.#calm?.intervalMs ?? this.reading.intervalMs;
  }

  /** The GOP that its track sent at once last; null before there was one. */
  get replayed(): Replay | null {
    return this.#writer.replayed;
  }

  /** The camera's time on its track; null while that is not known. */
  get clock(): CameraClock | null {
    return this.#playing ? this.#writer.clock : null;
  }

  /** The stream begins anew: the pictures so far are no base for the next one. */
  interrupt(): void {
    this.#playing = false;
    this.#calm = null;
  }

  /**
   * Sends the next picture of the stream that is playing, or passes it over if the viewer wants a quiet stream calm and no key
   * frame is due. The first picture that is out of the ordinary goes out with all that were passed over before it.
   */
  next(unit: AccessUnit): void {
    const quietMs = this.#purpose.wish.calm ? this.reading.quietMs : null;
    if (this.isCalm && quietMs === null) {
      this.wake();
    } else if (this.#calm === null || (unit.keyframe && this.#isDue(unit, this.#calm.last, quietMs ?? 0))) {
      const intervalMs = quietMs && quietMs * Math.max(1, Math.floor(calmMs / quietMs));
      this.#calm = intervalMs ? { intervalMs, last: unit.timestamp } : null;
      this.#writer.live(unit, this.isCalm);
      if (this.isCalm) {
        this.#sentAt = performance.now();
      }
    }
  }

  /** Whether the last picture (µs) would become too old before the key frame after this one. */
  #isDue({ timestamp }: AccessUnit, last: number, quietMs: number): boolean {
    return (timestamp - last) / 1000 + quietMs > calmMs;
  }

  /** Sends the GOP so far, and every picture from now on. If the viewer's budget is spent, the next picture tries again. */
  wake(): void {
    if (this.isCalm && this.replay()) {
      this.#calm = null;
    }
  }

  /**
   * Sends the GOP so far at once; where none is kept, the unit that just came, if it is a key frame.
   * False where there is neither, or nowhere to send it to.
   */
  replay(unit?: AccessUnit): boolean {
    const { gop, format } = this.reading;
    const sent = format !== null && this.#writer.replay(gop.length === 0 && unit?.keyframe ? [unit] : gop, format);
    this.#playing ||= sent;
    this.#sentAt = performance.now();
    return sent;
  }

  /** Whether a decoder that asks for a key frame has only waited for the next picture of a quiet stream. */
  isOnlyAwaited(now: number): boolean {
    return this.isCalm && now - this.#sentAt > impatience;
  }

  /** Sends the GOP so far again, because the viewer lost it. False if none is kept, or the viewer's budget is spent. */
  repair(): boolean {
    const { format } = this.reading;
    const gop = this.isCalm ? this.reading.gop.slice(0, 1) : this.reading.gop;
    this.#sentAt = performance.now();
    return format !== null && this.#playing && this.#writer.repair(gop, format);
  }

  /** Whether a fresh key frame is live sooner than the GOP so far; only an encoder of our own can be asked for one. */
  get hasLongReplay(): boolean {
    const { encodes, gop, format } = this.reading;
    if (!encodes || format === null) {
      return false;
    }
    const others = gop.slice(1);
    const bytes = others.reduce((sum, { data }) => sum + data.length, 0);
    return bytes > shortReplay.bytes || others.length * format.width * format.height > shortReplay.pixels;
  }

  /** Asks for a fresh key frame once, and is true for as long as it is worth waiting for. */
  awaitsFresh(now: number): boolean {
    if (this.#freshAskedAt === null && this.hasLongReplay) {
      this.#freshAskedAt = now;
      this.reading.requestKeyframe();
    }
    return this.#freshAskedAt !== null && now - this.#freshAskedAt < freshWithin && this.hasLongReplay;
  }

  close(): void {
    this.reading.close();
  }
}
