/**
 * Thins frames out to a rate, evenly and on average exactly: each frame that is taken makes the next one due an interval
 * later, whenever it came itself. A frame may be half an interval early, since cameras are not punctual.
 */
export class FrameRate {
  /** Microseconds; null where all frames are taken. */
  readonly #interval: number | null;
  #due = Number.NEGATIVE_INFINITY;

  /** @param rate frames per second at the most; undefined: all of them */
  constructor(rate: number | undefined) {
    this.#interval = rate === undefined ? null : 1_000_000 / rate;
  }

  /** @param time of a frame, in microseconds */
  takes(time: number): boolean {
    const interval = this.#interval;
    if (interval === null) {
      return true;
    }
    // A clock that begins anew before what is due is followed.
    if (time < this.#due - interval / 2 && time > this.#due - 2 * interval) {
      return false;
    }
    const isOnTime = Math.abs(time - this.#due) <= interval;
    this.#due = (isOnTime ? this.#due : time) + interval;
    return true;
  }
}
