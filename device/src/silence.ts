/**
 * Tells whether a counter has stood still for a number of looks in a row. Looks are counted and not seconds: while the
 * process is stopped or the machine sleeps, nothing looks, and such a pause is no silence.
 */
export class Silence {
  readonly #longest: number;
  #last: number | null = null;
  #unchanged = 0;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /**
   * @param starved share of the time since the last look in which the counter's thread was ready and got no CPU, 0 to 1:
   * that time is no silence either
   * @returns true once looks in a row found the count unchanged that add up to the longest silence
   */
  look(count: number, starved = 0): boolean {
    this.#unchanged = count === this.#last ? this.#unchanged + 1 - starved : 0;
    this.#last = count;
    return this.#unchanged >= this.#longest;
  }
}
