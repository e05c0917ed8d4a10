/** A camera of a tour: its stream, and its name for people, if it has one. */
export interface TourStop {
  readonly stream: string;
  readonly label?: string;
}

/** Plain data, to be stored as JSON. */
export interface TourPlan {
  readonly streams: readonly (string | TourStop)[];
  /** Seconds that each camera is shown; 10 by default, at least 1. */
  readonly dwell?: number | undefined;
}

/** Which way a tour goes: 1 to the next page, -1 to the one before. */
export type Direction = 1 | -1;

/** Chooses the page of a tour: the cameras of a list that are shown together. It knows nothing of tiles and devices. */
export class TourOrder {
  readonly #stops: readonly TourStop[];
  readonly #isOffline: (stream: string) => boolean;
  /** Indices of the cameras that are shown, in the order of the list. */
  #page: readonly number[] = [];

  /** @param isOffline says of a stream whether it is passed over at present */
  constructor({ streams }: TourPlan, isOffline: (stream: string) => boolean) {
    this.#stops = streams.map((stop) => (typeof stop === 'string' ? { stream: stop } : stop));
    this.#isOffline = isOffline;
  }

  /** The cameras that are shown, in the order of the list. */
  get page(): readonly TourStop[] {
    return this.#at(this.#page);
  }

  /** The first and the last place in the list that is shown, from 1 on, and the length of the list: `3–4 / 10`. */
  get position(): string {
    const places = this.#page.map((index) => index + 1);
    const [first = 0, last = first] = [places[0], places.at(-1)];
    return `${first === last ? first : `${first}–${last}`} / ${this.#stops.length}`;
  }

  /** Whether there are more cameras than a page of this size shows. */
  exceeds(size: number): boolean {
    return this.#stops.length > Math.max(1, size);
  }

  /** Begins with the page whose first camera is this one, or else with the first camera of the list. */
  begin(stream: string | undefined, size: number): void {
    const first = this.#stops.findIndex((stop) => stop.stream === stream);
    this.#page = this.#after(Math.max(0, first) - 1, 1, size);
  }

  turn(direction: Direction, size: number): void {
    this.#page = this.#after(this.#edge(direction), direction, size);
  }

  /** The page that comes next. */
  next(size: number): readonly TourStop[] {
    return this.#at(this.#after(this.#edge(1), 1, size));
  }

  /** The cameras that would be on the next page if they were not offline. */
  passedOver(size: number): readonly TourStop[] {
    const all = this.#at(this.#after(this.#edge(1), 1, size, () => false));
    return all.filter(({ stream }) => this.#isOffline(stream));
  }

  /** The camera of the page from which its neighbours are counted. */
  #edge(direction: Direction): number {
    return (direction === 1 ? this.#page.at(-1) : this.#page[0]) ?? -1;
  }

  #after(
    from: number,
    direction: Direction,
    size: number,
    isPassedOver = (index: number) => this.#isOffline((this.#stops[index] as TourStop).stream),
  ): number[] {
    return pageAfter(from, direction, size, this.#stops.length, isPassedOver);
  }

  #at(indices: readonly number[]): readonly TourStop[] {
    return indices.map((index) => this.#stops[index] as TourStop);
  }
}

/**
 * Returns the cameras that come after `from` in a list without an end, as indices in its order. Cameras that cannot be shown are passed
 * over while others can take their places.
 * @param from the first or the last index of the present page; -1 or the length of the list before the first page
 * @param size cameras on a page
 */
export function pageAfter(
  from: number,
  direction: Direction,
  size: number,
  count: number,
  isPassedOver: (index: number) => boolean,
): number[] {
  const page: number[] = [];
  const passed: number[] = [];
  for (let step = 1; step <= count && page.length < size; step += 1) {
    const index = modulo(from + direction * step, count);
    (isPassedOver(index) ? passed : page).push(index);
  }
  const filled = [...page, ...passed.slice(0, Math.max(0, size - page.length))];
  return direction === 1 ? filled : filled.reverse();
}

/**
 * Places a page onto the tiles: a camera that is shown already keeps its tile, and the others follow in their order. Tiles that are
 * left get null.
 */
export function place<T extends { readonly stream: string }>(
  page: readonly T[],
  shown: readonly string[],
): (T | null)[] {
  const rest = [...page];
  const take = (index: number) => rest.splice(index, 1)[0] ?? null;
  const kept = shown.map((stream) => {
    const index = rest.findIndex((stop) => stop.stream === stream);
    return index === -1 ? null : take(index);
  });
  return kept.map((stop) => stop ?? take(0));
}

function modulo(value: number, count: number): number {
  return ((value % count) + count) % count;
}
