import { setTimeout as sleep } from 'node:timers/promises';

/** A pause or a jump in a source's time beyond this is not waited for, in milliseconds. */
const longestWait = 10_000;

/** Lets the pictures and the sound of a recording, or of a segment that came in one piece, out at the time that they were made for. */
export class Playout {
  #offset: number | null = null;

  /** Milliseconds until the moment of a sound (microseconds), which goes by the pictures; 0 where they jumped. */
  waitFor(timestamp: number): number {
    const wait = this.#offset === null ? 0 : timestamp / 1000 + this.#offset - performance.now();
    return wait > longestWait ? 0 : Math.max(0, wait);
  }

  /** Resolves when the moment of a picture's timestamp (microseconds) has come. */
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
