/** Bounds how often something may happen: a bucket of tokens that refills steadily and holds a burst. */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  /** @param rate tokens a second @param burst tokens at the most @param now milliseconds */
  constructor(rate: number, burst: number, now = performance.now()) {
    this.#rate = rate;
    this.#burst = burst;
    this.#left = burst;
    this.#at = now;
  }

  /** @param count tokens that it costs @returns false if fewer are left */
  take(now = performance.now(), count = 1): boolean {
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
    if (this.#left < count) {
      return false;
    }
    this.#left -= count;
    return true;
  }
}
