import type { AccessUnit } from '../media/access-unit.ts';

/** RTP ticks a millisecond: video runs at 90 kHz (RFC 6184 section 8.1). */
const ticks = 90;
/** How far apart replayed pictures are, in ticks, where there is room: half a millisecond. */
const replayStep = 45;
/** Ticks by which a stream's own time may drift from the wall clock before it is taken up anew: a second. */
const drift = 1000 * ticks;

/**
 * RTP timestamps of one track, always rising, whatever streams follow each other on it.
 * A replayed GOP is squeezed between the last picture sent and now; after it the stream's own time goes on from now.
 */
export class RtpTimeline {
  readonly #now: () => number;
  #last = Math.floor(Math.random() * 2 ** 31);
  #lastAt: number;
  /** Where the stream's own time stands on the track; null from a replay to the next picture. */
  #anchor: { timestamp: number; rtp: number } | null = null;

  /** @param now milliseconds, monotonic */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#lastAt = now();
  }

  /** Timestamps for a GOP that is sent at once, the last of them now. */
  replay(gop: readonly AccessUnit[]): number[] {
    const at = this.#now();
    const now = this.#present(at, gop.length);
    const step = Math.min(replayStep, (now - this.#last) / gop.length);
    const stamps = gop.map((_, index) => Math.floor(now - (gop.length - 1 - index) * step));
    if (gop.length > 0) {
      // The newest picture is older than the moment at which it is sent, and only the next one will tell by how much.
      this.#anchor = null;
      this.#sent(now, at);
    }
    return stamps.map(wrap);
  }

  /** The timestamp for the next unit of the stream that was replayed last. */
  live(unit: AccessUnit): number {
    const at = this.#now();
    const now = this.#present(at, 1);
    // Whole ticks from here on: two pictures within one tick would get one timestamp, and be taken for one picture.
    const rtp =
      this.#anchor && Math.floor(this.#anchor.rtp + (unit.timestamp - this.#anchor.timestamp) * (ticks / 1000));
    if (rtp === null || rtp <= this.#last || Math.abs(rtp - now) > drift) {
      // The first after a replay, another run of the source, or a clock of its own: its time starts from here.
      this.#anchor = { timestamp: unit.timestamp, rtp: now };
      this.#sent(now, at);
      return wrap(now);
    }
    this.#sent(rtp, at);
    return wrap(rtp);
  }

  /** Where the track's time stands, leaving room for `units` distinct timestamps since the last. */
  #present(at: number, units: number): number {
    return this.#last + Math.max(units, Math.floor((at - this.#lastAt) * ticks));
  }

  #sent(rtp: number, at: number): void {
    this.#last = rtp;
    this.#lastAt = at;
  }
}

/** 32 bits on the wire (RFC 3550 section 5.1). */
function wrap(ticks: number): number {
  return ticks % 2 ** 32;
}
