/** How far apart pictures that come out of order are at the most, in milliseconds. A larger step back is a jump. */
const longestReordering = 1000;
/** A larger step ahead is a jump too, and no pause, in milliseconds. */
const longestPause = 10_000;

/**
 * Makes a time that goes on out of a source's timestamps. A source's clock may jump, stand still or begin again, and an encoder
 * takes no step back. Where the source's time is of no use, a picture is as much later than the one before as it came later.
 */
export class SourceClock {
  readonly #ticks: number;
  readonly #now: () => number;
  /** When the last picture came. */
  #came: number | null = null;
  #last: bigint | null = null;
  #newest = 0n;
  /** Ticks that are added to the source's clock. */
  #shift = 0n;
  #restarts = false;
  #stoodStill = false;

  /**
   * @param ticks of a timestamp in a millisecond
   * @param now milliseconds; called once for each picture
   */
  constructor(ticks: number, now: () => number) {
    this.#ticks = ticks;
    this.#now = now;
  }

  /** The source begins anew: whatever its next timestamp is, it follows those that were. */
  restart(): void {
    this.#restarts = true;
  }

  /** The time of a picture in the same ticks. @param timestamp what the source says; null where it says nothing */
  take(timestamp: bigint | null): bigint {
    const isFirst = this.#came === null;
    const next = this.#next();
    const stands = timestamp === null || timestamp === this.#last;
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
