/** Bytes that may be sent on a viewer's feedback at once, beyond what was sent to it since. */
const burst = 2_000_000;

/** Bytes of GOPs that wishes may cause at once, and a second: nine large cameras at a time, and a switch every 100 ms. */
const wishBurst = 50_000_000;
const wishRate = 10_000_000;

/**
 * Bounds what one viewer's feedback makes the device send: packets again (NACK), and GOPs again (PLI, FIR, and
 * `multistream/keyframe`). Every byte that is sent by itself earns one, so that feedback at most doubles what a viewer
 * costs: even a link that loses half of its packets is mended. A whole GOP may go into debt, since it is either sent or
 * not; single packets go on during that, until the debt is as large as a burst, because they mend the GOP.
 */
export class FeedbackBudget {
  #credit = burst;
  #wishes = wishBurst;
  readonly #now: () => number;
  #refilledAt: number;

  /** @param now milliseconds, monotonic */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#refilledAt = now();
  }

  /** Counts what is sent by itself: live pictures, and the GOPs of wishes. */
  earn(bytes: number): void {
    this.#credit = Math.min(burst, this.#credit + bytes);
  }

  /** False if the GOP must not be sent. */
  takeReplay(bytes: number): boolean {
    return this.#take(bytes, 0);
  }

  /** False if the packet must not be sent. */
  takeResend(bytes: number): boolean {
    return this.#take(bytes, -burst);
  }

  /** False if the GOP of a wish must not be sent: the switch then waits for the next key frame. */
  takeWish(bytes: number): boolean {
    const now = this.#now();
    this.#wishes = Math.min(wishBurst, this.#wishes + ((now - this.#refilledAt) / 1000) * wishRate);
    this.#refilledAt = now;
    const isPaid = this.#wishes > 0;
    this.#wishes -= isPaid ? bytes : 0;
    return isPaid;
  }

  #take(bytes: number, above: number): boolean {
    const isPaid = this.#credit > above;
    this.#credit -= isPaid ? bytes : 0;
    return isPaid;
  }
}
