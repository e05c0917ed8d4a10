import type { WallSettings } from '../context.ts';
import type { TileHost } from '../tile.ts';

export interface GestureActions {
  fullscreen(): void;
  save(): void;
  sound(): void;
  /** The first key that enlarges the picture; what it loads takes the next ones itself. */
  zoom(): void;
}

/** Lets a tile react to mouse and keyboard, besides its buttons. */
export class Gestures {
  readonly #host: TileHost;
  readonly #actions: GestureActions;
  /** The wall around the tile, if there is one. */
  wall: WallSettings | null = null;

  constructor(host: TileHost, actions: GestureActions) {
    this.#host = host;
    this.#actions = actions;
    host.addEventListener('dblclick', actions.fullscreen);
    host.addEventListener('click', this.#swap);
    host.addEventListener('keydown', this.#onKey);
  }

  /** While one tile is large, a click on a small one swaps them. */
  readonly #swap = (): void => {
    if (this.wall?.spotlit && this.wall.spotlit !== this.#host) {
      this.wall.spotlight(this.#host);
    }
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const { key, ctrlKey, altKey, metaKey, defaultPrevented } = event;
    // A control that has the focus has the keys too.
    const isOurs = event.composedPath()[0] === this.#host && !defaultPrevented;
    if (isOurs && !ctrlKey && !altKey && !metaKey && this.#press(key)) {
      event.preventDefault();
    }
  };

  /** Whether the key means something. */
  #press(key: string): boolean {
    const { wall } = this;
    if (key.startsWith('Arrow')) {
      (neighbour(this.#host, wall?.slots ?? [], key) as HTMLElement | undefined)?.focus();
    } else if (key === 'Enter') {
      wall?.spotlight(wall.spotlit === this.#host ? null : this.#host);
    } else if (key === 'Escape') {
      wall?.spotlight(null);
    } else if (key === 'f' || key === 'F') {
      this.#actions.fullscreen();
    } else if (key === 's' || key === 'S') {
      this.#actions.save();
    } else if (key === 'm' || key === 'M') {
      this.#actions.sound();
    } else if (key === '+' || key === '=') {
      this.#actions.zoom();
    } else {
      return false;
    }
    return true;
  }
}

/** A tile's neighbour on the screen, in the direction of an arrow key. */
export function neighbour(tile: Element, tiles: readonly Element[], key: string): Element | undefined {
  const [x, y] = middle(tile);
  const distances = tiles.flatMap((other) => {
    const [dx, dy] = [middle(other)[0] - x, middle(other)[1] - y];
    const [along, across] = {
      ArrowRight: [dx, dy] as const,
      ArrowLeft: [-dx, dy] as const,
      ArrowDown: [dy, dx] as const,
      ArrowUp: [-dy, dx] as const,
    }[key] ?? [0, 0];
    // A tile that lies more to the side than ahead does not count.
    return along > 1 && Math.abs(across) <= along * 2 ? [{ other, far: along + 2 * Math.abs(across) }] : [];
  });
  return distances.sort((a, b) => a.far - b.far)[0]?.other;
}

function middle(tile: Element): [x: number, y: number] {
  const { left, top, width, height } = tile.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}
