/** Seconds after which another way through the network may have taken the place of the shortest one. */
const memory = 60;

/**
 * Tells from round trips how long packets wait in queues: the shortest of a second, less the shortest of the last minute,
 * which met none.
 */
export class RoundTrips {
  /** The shortest of this second; infinite before there was one. */
  #second = Number.POSITIVE_INFINITY;
  readonly #shortest: number[] = [];

  /** @param roundTrip milliseconds */
  add(roundTrip: number): void {
    this.#second = Math.min(this.#second, roundTrip);
  }

  /** Once a second. @returns milliseconds; null where nothing was measured since the last call */
  endSecond(): number | null {
    const shortest = this.#second;
    if (shortest === Number.POSITIVE_INFINITY) {
      return null;
    }
    this.#second = Number.POSITIVE_INFINITY;
    this.#shortest.push(shortest);
    this.#shortest.splice(0, this.#shortest.length - memory);
    return shortest - Math.min(...this.#shortest);
  }
}
