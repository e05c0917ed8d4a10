import { SourceClock } from './source-clock.ts';

/**
 * Makes a time in microseconds of RTP timestamps: it goes on where they wrap, jump or stand still, and steps back only for
 * pictures that come out of order.
 */
export class RtpClock {
  readonly #clock: SourceClock;
  readonly #clockRate: number;
  #last: number | null = null;
  /** The last timestamp, with the wraps of its 32 bits. */
  #extended = 0;

  /** @param clockRate ticks a second @param now milliseconds */
  constructor(clockRate: number, now: () => number) {
    this.#clockRate = clockRate;
    this.#clock = new SourceClock(clockRate / 1000, now);
  }

  /** @param timestamp of a picture or of sound, 0 to 2^32 - 1 */
  take(timestamp: number): number {
    this.#extended += (timestamp - (this.#last ?? timestamp)) | 0;
    this.#last = timestamp;
    return Math.round((Number(this.#clock.take(BigInt(this.#extended))) * 1_000_000) / this.#clockRate);
  }
}
