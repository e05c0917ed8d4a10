/** A part of the benchmark. A new part is a file in `parts/` and a line in `parts/index.ts`. */

/**
 * Who is measured: our elements, or a page of iframes of `/stream.html` on a device with or without the GOP cache; in a
 * run against another checkout, `before` is the elements and device of that one.
 */
export type SideName = 'multistream' | 'iframes' | 'iframes without GOP cache' | 'before';

export type Unit = 'ms' | 'frames' | '% of a core' | 'MiB' | 'kB' | '';

/** Every sample of one figure of one side, in the order in which they were taken. */
export interface Figure {
  /** The thing measured, such as "6 warm cameras, page to all first frames". */
  what: string;
  side: SideName;
  unit: Unit;
  samples: number[];
  /** Circumstances of each sample, by name, which can explain an outlier. */
  beside?: Record<string, number[]>;
}

export interface Part {
  /** On the command line. */
  name: string;
  /** The heading above its figures. */
  title: string;
  /** How long it may take; when that is over it begins no further round. */
  seconds: number;
  run(record: Recorder): Promise<void>;
  /** Whether it can measure another checkout beside this one. */
  compares?: true;
  /** Whether it runs only where it is named: it takes long. */
  isLong?: true;
}

/** Collects the samples of a part while it runs. */
export class Recorder {
  readonly #figures = new Map<string, Figure>();
  /** The settings of the measurement. */
  readonly settings: Record<string, unknown> = {};
  readonly #quick: boolean;
  /** Another checkout of the repository, which is measured in turns with this one. */
  readonly against: string | null;
  readonly #seconds: number;
  readonly #start = performance.now();

  /**
   * @param seconds how long the part may take
   * @param quick whether one round of everything is enough: to see that it works, not to believe it
   */
  constructor(seconds = Number.POSITIVE_INFINITY, quick = false, against: string | null = null) {
    this.against = against;
    this.#seconds = seconds;
    this.#quick = quick;
  }

  get figures(): Figure[] {
    return [...this.#figures.values()];
  }

  /** How often something is repeated, where that is this often in a whole run. */
  rounds(count: number): number {
    return this.#quick ? 1 : count;
  }

  /** Whether this share of the part's time is still to come: rounds end with it, so that a busy machine ends, too. */
  until(share: number): () => boolean {
    return () => performance.now() - this.#start < share * this.#seconds * 1000;
  }

  add(
    { what, side, unit }: Pick<Figure, 'what' | 'side' | 'unit'>,
    sample: number,
    beside: Record<string, number> = {},
  ): void {
    const key = `${what}\n${side}`;
    const figure = this.#figures.get(key) ?? { what, side, unit, samples: [] };
    this.#figures.set(key, figure);
    figure.samples.push(rounded(sample));
    for (const [name, value] of Object.entries(beside)) {
      figure.beside ??= {};
      figure.beside[name] ??= [];
      figure.beside[name].push(rounded(value));
    }
  }
}

/** A tenth of a millisecond is finer than anything that is compared here; a thousandth of a percent is needed. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
