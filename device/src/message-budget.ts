/** How many messages a client may send: a bucket that refills steadily and holds a burst. */
export class MessageBudget {
  readonly #rate: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  /** @param rate a second @param now milliseconds */
  constructor(rate = 50, burst = 100, now = performance.now()) {
    this.#rate = rate;
    this.#burst = burst;
    this.#left = burst;
    this.#at = now;
  }

  /** @param count how many messages it is worth @returns false if fewer are left */
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
