/** Bytes that may be sent on a viewer's feedback at once, beyond what was sent to it since. */
const burst = 2_000_000;

/**
 * Bounds what one viewer's feedback makes the device send: packets again (NACK), and GOPs again (PLI, FIR, and
 * `multistream/keyframe`). Every byte that is sent by itself earns one, so that feedback at most doubles what a viewer
 * costs: even a link that loses half of its packets is mended. A whole GOP may go into debt, since it is either sent or
 * not; single packets go on during that, until the debt is as large as a burst, because they mend the GOP.
 */
export class FeedbackBudget {
  #credit = burst;

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

  #take(bytes: number, above: number): boolean {
    const isPaid = this.#credit > above;
    this.#credit -= isPaid ? bytes : 0;
    return isPaid;
  }
}
