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
  /** A ring: the oldest is replaced. */
  readonly #gaps: number[] = [];
  #oldest = 0;
  #last: number | null = null;
  /** The average of the gaps and the widest one are kept, in milliseconds, since each viewer of each picture asks. */
  #average = 0;
  #widest = 0;

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
      this.#gaps[this.#oldest] = now - this.#last;
      this.#oldest = (this.#oldest + 1) % remembered;
      let sum = 0;
      let widest = 0;
      for (const gap of this.#gaps) {
        sum += gap;
        widest = Math.max(widest, gap);
      }
      this.#average = sum / this.#gaps.length;
      this.#widest = widest;
    }
    this.#last = now;
  }

  /** How far apart the pictures came lately, on average, in milliseconds; 0 while that is not known. */
  get gapMs(): number {
    return this.#average;
  }

  /** Milliseconds. */
  get ms(): number {
    return this.#gaps.length === 0 ? this.#first : Math.max(this.#least, Math.min(longest, slack * this.#widest));
  }
}
