import { AV_NOPTS_VALUE } from 'node-av/constants';

/** How far apart pictures are that come out of order, at the most, in milliseconds; a step back beyond it is a jump. */
const longestReordering = 1000;
/** A step ahead beyond this is a jump too, and no pause, in milliseconds. */
const longestPause = 10_000;

/**
 * Makes a time that goes on of a source's timestamps, whose clock may jump, stand still or begin again: an encoder takes
 * no step back, and would wait. Where the source's time is of no use, a picture is as much later than the one before as
 * it came later.
 */
export class SourceClock {
  readonly #ticks: number;
  readonly #now: () => number;
  /** When the last picture came, and what it said. */
  #came: number | null = null;
  #last = AV_NOPTS_VALUE;
  #newest = 0n;
  /** What the source's clock is behind of ours. */
  #shift = 0n;
  #restarts = false;
  #stoodStill = false;

  /**
   * @param ticks of the timestamps, in a millisecond
   * @param now milliseconds; asked once for each picture
   */
  constructor(ticks: number, now: () => number) {
    this.#ticks = ticks;
    this.#now = now;
  }

  /** The source begins anew: whatever its next timestamp is, it follows those that were. */
  restart(): void {
    this.#restarts = true;
  }

  /** When a picture with this timestamp is, in the same ticks. */
  take(timestamp: bigint): bigint {
    const isFirst = this.#came === null;
    const next = this.#next();
    const stands = timestamp === AV_NOPTS_VALUE || timestamp === this.#last;
    this.#last = timestamp;
    if (stands) {
      this.#stoodStill = true;
      this.#newest = next;
      return next;
    }
    if (isFirst) {
      this.#newest = timestamp;
    }
    const step = Number(timestamp + this.#shift - this.#newest) / this.#ticks;
    if (this.#restarts || step < -longestReordering || step > longestPause) {
      this.#shift = next - timestamp;
    }
    let time = timestamp + this.#shift;
    if (this.#stoodStill && time <= this.#newest) {
      time = this.#newest + 1n;
    }
    this.#restarts = false;
    this.#stoodStill = false;
    this.#newest = time > this.#newest ? time : this.#newest;
    return time;
  }

  /** The time of a picture that does not say its own. */
  #next(): bigint {
    const now = this.#now();
    const passed = this.#came === null ? 0 : (now - this.#came) * this.#ticks;
    this.#came = now;
    return this.#newest + BigInt(Math.max(1, Math.round(passed)));
  }
}
