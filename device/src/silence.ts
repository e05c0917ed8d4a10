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

  /** True once this many looks in a row found the count unchanged. */
  look(count: number): boolean {
    this.#unchanged = count === this.#last ? this.#unchanged + 1 : 0;
    this.#last = count;
    return this.#unchanged >= this.#longest;
  }
}
