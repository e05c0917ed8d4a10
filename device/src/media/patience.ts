/** Times between pictures that are remembered. */
const remembered = 16;
/** A source may be this many times slower than it was lately. */
const slack = 3;
/** Milliseconds. */
const longest = 90_000;

/**
 * How long a source may say nothing before it counts as frozen. Most send many pictures a second, some a picture in ten
 * seconds: that is learnt from the times between their pictures.
 */
export class Patience {
  readonly #least: number;
  readonly #first: number;
  readonly #gaps: number[] = [];
  #last: number | null = null;

  /**
   * @param least milliseconds, for a source that is known to be quick
   * @param first milliseconds, while no more than one picture has come
   */
  constructor(least: number, first: number) {
    this.#least = least;
    this.#first = first;
  }

  /** A picture came. @param now milliseconds */
  came(now: number): void {
    if (this.#last !== null) {
      this.#gaps.push(now - this.#last);
      this.#gaps.splice(0, this.#gaps.length - remembered);
    }
    this.#last = now;
  }

  /** How far apart the pictures came lately, on average, in milliseconds; 0 while that is not known. */
  get gapMs(): number {
    return this.#gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(1, this.#gaps.length);
  }

  /** Milliseconds. */
  get ms(): number {
    const learnt = Math.max(this.#least, Math.min(longest, slack * Math.max(...this.#gaps)));
    return this.#gaps.length === 0 ? this.#first : learnt;
  }
}
