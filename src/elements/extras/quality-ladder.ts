/** A variant of a stream. */
export interface Rung {
  /** A value of the attribute `quality`: `360p`, or `native`. */
  readonly quality: string;
  /** Lines of the picture. */
  readonly height: number;
}

/**
 * A picture may be a little smaller than its tile; one that is chosen instead of a larger one has to be a little larger.
 * Between the two lies what keeps a tile from changing back and forth.
 */
const fits = 0.85;
const roomy = 1.1;
/** So many bad reports in a row bring a smaller picture. */
const patience = 3;
/** Milliseconds until a larger one is tried again; twice as long each time that it was no use. */
const firstRest = 30_000;
const longestRest = 300_000;

/** Chooses among the variants: by the size of the tile, and lower where the way or the browser cannot keep up. */
export class QualityLadder {
  readonly #rungs: readonly Rung[];
  #current: Rung | null = null;
  /** How many rungs are open, from the lowest one. */
  #open: number;
  /** How many are open for the sake of the machine. */
  #allowed: number;
  #bad = 0;
  #rest = firstRest;
  #closedAt = 0;

  /** @param rungs in any order, at least one */
  constructor(rungs: readonly Rung[]) {
    this.#rungs = [...rungs].sort((a, b) => a.height - b.height);
    this.#open = this.#allowed = this.#rungs.length;
  }

  get canStepDown(): boolean {
    return this.#current !== null && this.#rungs.indexOf(this.#current) > 0;
  }

  /** Whether the picture is smaller than it would be for another machine. */
  get isSteppedDown(): boolean {
    return this.#allowed < this.#rungs.length;
  }

  /** The machine cannot keep up with the present picture, or may be able to with the next larger one. */
  step(direction: 'down' | 'up'): void {
    if (direction === 'up') {
      this.#allowed = Math.min(this.#allowed + 1, this.#rungs.length);
    } else if (this.#current && this.canStepDown) {
      this.#allowed = this.#rungs.indexOf(this.#current);
    }
  }

  /**
   * @param lines how many device pixels the tile is high; infinite for the best picture there is
   * @param least lines that the picture has at least, if there is such a one
   */
  choose(lines: number, least = 0): Rung {
    const all = this.#rungs.slice(0, Math.min(this.#open, this.#allowed));
    const large = all.filter(({ height }) => height >= least);
    const open = large.length > 0 ? large : all;
    const best = open.at(-1) as Rung;
    const atLeast = (factor: number) => open.find(({ height }) => height >= lines * factor) ?? best;
    const current = this.#current && open.includes(this.#current) ? this.#current : null;
    if (current === null || current.height < lines * fits) {
      this.#current = atLeast(fits);
    } else {
      const smaller = atLeast(roomy);
      this.#current = smaller.height < current.height ? smaller : current;
    }
    return this.#current;
  }

  /** @param good whether frames and packets came through since the last report */
  report(good: boolean, now: number): void {
    this.#bad = good ? 0 : this.#bad + 1;
    if (this.#bad >= patience && this.#current) {
      const below = this.#rungs.indexOf(this.#current);
      this.#bad = 0;
      if (below > 0) {
        this.#open = below;
        this.#rest = this.#closedAt === 0 ? firstRest : Math.min(this.#rest * 2, longestRest);
      }
      this.#closedAt = now;
    } else if (this.#open < this.#rungs.length && now - this.#closedAt > this.#rest) {
      this.#open += 1;
      this.#closedAt = now;
    }
  }
}
