import { setTimeout as sleep } from 'node:timers/promises';

/** A pause or a jump in a source's time beyond this is not waited for, in milliseconds. */
const longestWait = 10_000;

/** Lets the pictures of a recording, or of a segment that came in one piece, out at the time that they were made for. */
export class Playout {
  #offset: number | null = null;

  /** Resolves when the moment of the timestamp (microseconds) has come. */
  async until(timestamp: number): Promise<void> {
    const time = timestamp / 1000;
    const now = performance.now();
    const wait = this.#offset === null ? 0 : time + this.#offset - now;
    if (this.#offset === null || wait > longestWait || wait < -longestWait / 10) {
      this.#offset = now - time;
    } else if (wait > 0) {
      await sleep(wait);
    }
  }
}
