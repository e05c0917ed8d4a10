import type { WallSettings } from '../context.ts';
import type { TileHost } from '../tile.ts';
import type { WallLayout } from './layout.ts';
import type { Tour, TourPlan } from './tours.ts';

/** A wall is arranged otherwise than before. */
export class MsLayoutEvent extends Event {
  /** How it is arranged now. */
  readonly layout: WallLayout;

  constructor(layout: WallLayout) {
    super('ms-layout', { bubbles: true, composed: true });
    this.layout = layout;
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'ms-layout': MsLayoutEvent;
  }
}

/** A grid, which keeps its arrangement. */
export type Grid = HTMLElement &
  Omit<WallSettings, 'activeTour'> & {
    readonly activeTour: Tour | undefined;
    arrangement: Arrangement | undefined;
    tour(plan: TourPlan | null): Promise<Tour | null>;
  };

/** Names that are kept for tiles that may come. */
const most = 1000;

/** The arrangement of a grid: the same at each call. */
export function arrangementOf(grid: Grid): Arrangement {
  grid.arrangement ??= new Arrangement(grid);
  return grid.arrangement;
}

/**
 * Arranges a grid. Rejects where the code for it cannot be loaded.
 * @param layout an object or its JSON, whole or in part; null to change nothing
 * @throws {TypeError} It is neither; nothing has changed then.
 */
export async function arrange(grid: Grid, layout: unknown): Promise<void> {
  const arrangement = arrangementOf(grid);
  if (layout !== undefined && layout !== null) {
    const { decodeLayout } = await import('./layout.ts');
    await arrangement.arrange(decodeLayout(layout));
  }
}

/** Where the tiles of a wall stand: reads it, changes it, and tells of changes. */
export class Arrangement {
  readonly #grid: Grid;
  /** The last layout that the page has set, and what the viewer has changed since: for tiles that come later. */
  #wanted: Partial<WallLayout> = {};
  /** The tiles that what is wanted was said to. */
  readonly #seen = new WeakSet<TileHost>();
  #told = '';

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#told = JSON.stringify(this.layout);
    const attributeFilter = ['id', 'stream', 'quality', 'slot', 'slot-index'];
    new MutationObserver(() => this.#look()).observe(grid, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter,
    });
    // The spotlight is told to the tiles, by the context protocol.
    const question = {
      context: Symbol.for('multistream-elements/wall'),
      callback: () => this.#look(),
      subscribe: true,
    };
    grid.addEventListener('ms-tour', () => this.#look());
    grid.dispatchEvent(Object.assign(new Event('context-request', { bubbles: true, composed: true }), question));
  }

  get layout(): WallLayout {
    const names = this.#names;
    const nameOf = (tile: HTMLElement | null) => names.get(tile as TileHost) ?? null;
    return {
      order: this.tiles.flatMap((tile) => nameOf(tile) ?? []),
      spotlight: nameOf(this.#grid.spotlit),
      qualities: Object.fromEntries([...names].map(([{ quality }, name]) => [name, quality])),
      tour: copyOf(this.#grid.activeTour),
      tours: Object.fromEntries(
        [...names].flatMap(([{ activeTour }, name]) => (activeTour ? [[name, copyOf(activeTour) as TourPlan]] : [])),
      ),
    };
  }

  /** Arranges the wall, also with a part of a layout. Tiles that come later take what it says of them. */
  async arrange(layout: Partial<WallLayout>): Promise<void> {
    const { tour } = layout;
    this.#wanted = { ...this.#wanted, ...layout };
    this.#apply(layout, () => true);
    if (layout.tours) {
      for (const [tile, name] of this.#names) {
        tile.streams = Object.hasOwn(layout.tours, name) ? tile.streams : undefined;
      }
    }
    // Without a tour there is nothing to end, and so no need for its code.
    if (tour || (tour === null && this.#grid.activeTour)) {
      await this.#grid.tour(tour);
    }
  }

  /** Exchanges the places of two tiles, and whether they are large. */
  swap(one: TileHost, other: TileHost): void {
    const cells = this.#cells;
    const [a, b] = [one, other].map((tile) => cells.findIndex(({ tiles }) => tiles.includes(tile))) as [number, number];
    if (a >= 0 && b >= 0 && a !== b) {
      this.#place(cells.with(a, cells[b] as Cell).with(b, cells[a] as Cell));
      const { spotlit } = this.#grid;
      if (spotlit === one || spotlit === other) {
        this.#grid.spotlight(spotlit === one ? other : one);
      }
    }
  }

  /** The cell of the grid that a tile is in. */
  cellOf(tile: TileHost): HTMLElement {
    return this.#cells.find(({ tiles }) => tiles.includes(tile))?.element ?? tile;
  }

  /** The place of a tile among the others, from 1. */
  placeOf(tile: TileHost): { place: number; places: number } {
    const tiles = this.tiles;
    return { place: tiles.indexOf(tile) + 1, places: tiles.length };
  }

  /** All tiles, in the order of their places. */
  get tiles(): TileHost[] {
    return this.#cells.flatMap(({ tiles }) => tiles);
  }

  /** Names by tiles, in the order of the document, which no arrangement changes. Tiles without a stream or a tour have none. */
  get #names(): Map<TileHost, string> {
    const names = new Map<TileHost, string>();
    const counts = new Map<string, number>();
    for (const tile of this.#grid.slots as TileHost[]) {
      const before = (tile.activeTour ?? this.#grid.activeTour)?.streamBefore(tile);
      const name = tile.id || (before ?? tile.stream);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      if (name || before !== undefined) {
        names.set(tile, name === '' || count > 1 ? `${name}#${count}` : name);
      }
    }
    return names;
  }

  /** The children of the grid that have tiles in them, in the order of their places. */
  get #cells(): Cell[] {
    const { slots, children } = this.#grid;
    const cells = [...children].flatMap((element, i) => {
      const tiles = (slots as TileHost[]).filter((tile) => element.contains(tile));
      const numbers = tiles.flatMap(({ place }) => place ?? []);
      const inOrder = tiles.toSorted((a, b) => (a.place ?? i) - (b.place ?? i));
      return tiles.length > 0
        ? [
            {
              element: element as HTMLElement,
              tiles: inOrder,
              number: Math.min(...numbers, ...(numbers.length ? [] : [i])),
            },
          ]
        : [];
    });
    return cells.sort((a, b) => a.number - b.number);
  }

  /** Tells the grid where each cell belongs: by the numbers that the tiles have had, or by new ones where these do not do. */
  #place(order: readonly Cell[]): void {
    const numbers = order.map(({ number }) => number).sort((a, b) => a - b);
    const keepNumbers = order.every(({ tiles }) => tiles.length === 1) && new Set(numbers).size === numbers.length;
    let next = 0;
    for (const [i, { tiles }] of order.entries()) {
      for (const tile of tiles) {
        const number = keepNumbers ? numbers[i] : next;
        next += 1;
        if (tile.place !== number) {
          tile.slotIndex = number;
        }
      }
    }
  }

  /** @param isMeant whether a tile takes its quality, its tour and the spotlight from the layout */
  #apply(
    { order = [], qualities = {}, tours = {}, spotlight }: Partial<WallLayout>,
    isMeant: (tile: TileHost) => boolean,
  ): void {
    const names = this.#names;
    const rank = (tile: TileHost) => (order.indexOf(names.get(tile) ?? '') + order.length + 1) % (order.length + 1);
    const ranked = this.#cells.map((cell) => ({ ...cell, tiles: cell.tiles.toSorted((a, b) => rank(a) - rank(b)) }));
    this.#place(ranked.sort((a, b) => rank(a.tiles[0] as TileHost) - rank(b.tiles[0] as TileHost)));
    for (const [tile, name] of names) {
      if (isMeant(tile)) {
        tile.quality = Object.hasOwn(qualities, name) ? (qualities[name] ?? '') : tile.quality;
        const plan = Object.hasOwn(tours, name) ? tours[name] : undefined;
        if (plan) {
          tile.streams = plan.streams;
          tile.dwell = plan.dwell;
        }
        if (name === spotlight) {
          this.#grid.spotlight(tile);
        }
      }
      this.#seen.add(tile);
    }
    if (spotlight === null) {
      this.#grid.spotlight(null);
    }
  }

  /** The viewer's changes hold for the tiles that are there; the others keep their places between them. */
  #remember({ order, qualities, spotlight, tours }: WallLayout): void {
    const present = new Set(order);
    const queue = [...order];
    const { order: wanted = [], spotlight: large = null } = this.#wanted;
    const merged = wanted.map((name) => (present.has(name) ? (queue.shift() ?? name) : name));
    this.#wanted = {
      order: [...merged, ...queue].slice(0, most),
      qualities: Object.fromEntries(Object.entries({ ...this.#wanted.qualities, ...qualities }).slice(-most)),
      spotlight: spotlight ?? (large !== null && present.has(large) ? null : large),
      tours: {
        ...Object.fromEntries(Object.entries(this.#wanted.tours ?? {}).filter(([name]) => !present.has(name))),
        ...tours,
      },
    };
  }

  #look(): void {
    const isNew = (tile: TileHost) => !this.#seen.has(tile);
    const names = this.#names;
    for (const tile of this.tiles.filter((one) => !names.has(one))) {
      this.#seen.delete(tile);
    }
    if ([...names.keys()].some(isNew)) {
      this.#apply(this.#wanted, isNew);
    }
    const { layout } = this;
    const told = JSON.stringify(layout);
    if (told !== this.#told) {
      this.#told = told;
      this.#remember(layout);
      this.#grid.dispatchEvent(new MsLayoutEvent(layout));
    }
  }
}

interface Cell {
  readonly element: HTMLElement;
  readonly tiles: readonly TileHost[];
  readonly number: number;
}

/** The plan of a tour as plain JSON. */
function copyOf(tour: Tour | undefined): TourPlan | null {
  return tour ? JSON.parse(JSON.stringify(tour.plan)) : null;
}
