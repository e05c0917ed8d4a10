import type { Strings } from '../strings.ts';
import type { TileHost } from '../tile.ts';
import type { Arrangement } from './arrangement.ts';
import type { Touches } from './touches.ts';

/** Pixels before a pressed mouse moves the tile, and how long (ms) a finger rests before it does: sooner, it scrolls the page. */
const slack = 8;
const rest = 450;

/** A tile of a wall that was grabbed: its viewer chooses which other one it changes places with. */
interface Grab {
  readonly tile: TileHost;
  readonly move: Move;
  /** A pointer drags the tile, and the other way is step by step: with keys or clicks. */
  readonly isDrag: boolean;
  target: TileHost | null;
}

/** The grabbed tile of each wall. */
const grabs = new WeakMap<Arrangement, Grab>();

export interface MoveOptions {
  /** Null where the tile may not be moved. */
  arrangement(): Arrangement | null;
  /** The tile beside another one, in the direction of an arrow key. */
  neighbour(tile: Element, tiles: readonly Element[], key: string): Element | undefined;
  /** Shows a text and says it to screen readers; empty for none. */
  tell(text: string, isShown: boolean): void;
  strings(): Partial<Strings>;
}

/** Lets a viewer exchange a tile with another one of its wall. */
export class Move {
  readonly #host: TileHost;
  readonly #options: MoveOptions;
  #resting: ReturnType<typeof setTimeout> | undefined;
  /** The arrangement in which this tile is grabbed: it may have left its wall since. */
  #held: Arrangement | null = null;

  constructor(host: TileHost, options: MoveOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** The grab in this tile's wall, of whichever tile. */
  get #grab(): Grab | undefined {
    const arrangement = this.#arrangement;
    return arrangement ? grabs.get(arrangement) : undefined;
  }

  get #arrangement(): Arrangement | null {
    return this.#held ?? this.#options.arrangement();
  }

  get isGrabbed(): boolean {
    return this.#grab?.tile === this.#host;
  }

  /** The button: grabs the tile, drops a grabbed one here, or lets go of this one. */
  readonly toggle = (): void => {
    if (this.#grab === undefined) {
      this.#take(false);
    } else {
      this.#drop(this.isGrabbed ? this.#grab.target : this.#host);
    }
  };

  /** Whether the key means something here. */
  press(key: string): boolean {
    const grab = this.#grab;
    if (grab === undefined) {
      if (key.toLowerCase() !== 'g' || this.#arrangement === null) {
        return false;
      }
      this.#take(false);
    } else if (key === 'Escape') {
      this.#drop(null);
    } else if (key === 'Enter' || key === ' ' || key.toLowerCase() === 'g') {
      this.#drop(grab.target);
    } else if (key.startsWith('Arrow')) {
      const tiles = this.#arrangement?.tiles ?? [];
      const next = this.#options.neighbour(grab.target ?? grab.tile, tiles, key) as TileHost | undefined;
      next && this.#aim(next);
    } else {
      return false;
    }
    return true;
  }

  /** A click on another tile drops the grabbed one there. Returns whether it did. */
  click(): boolean {
    const grab = this.#grab;
    if (grab && !grab.isDrag && grab.tile !== this.#host) {
      this.#drop(this.#host);
      return true;
    }
    return false;
  }

  /** Another tile that gets the focus is where the grabbed one goes. */
  focus(): void {
    const grab = this.#grab;
    if (grab && !grab.isDrag && grab.tile !== this.#host) {
      this.#aim(this.#host);
    }
  }

  /** Follows a pressed pointer. @returns whether it drags the tile */
  follow(touches: Touches, { pointerType, type }: PointerEvent): boolean {
    const { points, moved, way } = touches;
    const grab = this.#grab;
    if (grab?.isDrag) {
      if (grab.tile === this.#host && points.length === 1) {
        this.#drag(grab, points[0] as { x: number; y: number }, way);
        return true;
      }
      return false;
    }
    if (type === 'pointerdown') {
      clearTimeout(this.#resting);
      if (pointerType === 'touch' && points.length === 1) {
        this.#resting = setTimeout(
          () => touches.points.length === 1 && touches.moved <= slack && this.#take(true),
          rest,
        );
      }
    } else if (moved > slack || points.length !== 1) {
      clearTimeout(this.#resting);
      if (pointerType !== 'touch' && points.length === 1 && this.#arrangement && !grab) {
        this.#take(true);
        return true;
      }
    }
    return false;
  }

  /** The pointer is up: @returns whether it has dragged the tile. */
  release(): boolean {
    clearTimeout(this.#resting);
    const grab = this.#grab;
    if (grab?.isDrag && grab.tile === this.#host) {
      this.#drop(grab.target);
      return true;
    }
    return false;
  }

  /** Nothing is dropped. */
  cancel(): void {
    clearTimeout(this.#resting);
    if (this.isGrabbed) {
      this.#drop(null);
    }
  }

  get isDragged(): boolean {
    return this.isGrabbed && this.#grab?.isDrag === true;
  }

  #take(isDrag: boolean): void {
    const arrangement = this.#arrangement;
    if (arrangement && arrangement.tiles.length > 1) {
      this.#held = arrangement;
      grabs.set(arrangement, { tile: this.#host, move: this, isDrag, target: null });
      mark(this.#host, 'grabbed', true);
      isDrag || this.#say('moving', this.#host);
    }
  }

  #aim(target: TileHost | null): void {
    const grab = this.#grab;
    const wanted = target === grab?.tile ? null : target;
    if (grab && wanted !== grab.target) {
      grab.target && mark(grab.target, 'target', false);
      grab.target = wanted;
      wanted && mark(wanted, 'target', true);
      grab.isDrag || grab.move.#say(wanted ? 'moveTo' : 'moving', wanted ?? grab.tile);
    }
  }

  #drag(grab: Grab, { x, y }: { x: number; y: number }, way: { x: number; y: number }): void {
    const arrangement = this.#arrangement;
    if (arrangement) {
      const { style } = arrangement.cellOf(this.#host);
      style.translate = `${way.x}px ${way.y}px`;
      style.zIndex = '1';
      const under = arrangement.tiles.find((tile) => {
        const { left, right, top, bottom } = tile.getBoundingClientRect();
        return tile !== grab.tile && x >= left && x < right && y >= top && y < bottom;
      });
      this.#aim(under ?? null);
    }
  }

  async #drop(target: TileHost | null): Promise<void> {
    const arrangement = this.#arrangement;
    const grab = this.#grab;
    if (!arrangement || !grab) {
      return;
    }
    const { tile, move } = grab;
    grabs.delete(arrangement);
    move.#held = null;
    mark(tile, 'grabbed', false);
    grab.target && mark(grab.target, 'target', false);
    const cells = [...new Set([tile, target ?? tile].map((one) => arrangement.cellOf(one)))];
    const before = cells.map((cell) => cell.getBoundingClientRect());
    const { style } = arrangement.cellOf(tile);
    style.translate = style.zIndex = '';
    if (target) {
      arrangement.swap(tile, target);
      await Promise.all([tile.updateComplete, target.updateComplete]);
    }
    for (const [i, cell] of cells.entries()) {
      slide(cell, before[i] as DOMRect);
    }
    move.#say(target ? 'moved' : 'notMoved', tile, false);
  }

  /** @param name of the text @param tile that it is about */
  #say(name: keyof Strings, tile: TileHost, isShown = true): void {
    const { place, places } = this.#arrangement?.placeOf(tile) ?? { place: 0, places: 0 };
    const values: Record<string, string> = { tile: tile.label || tile.stream, place: `${place}`, places: `${places}` };
    const text = (this.#options.strings()[name] ?? '').replace(/\{(\w+)\}/g, (_, value) => values[value] ?? '');
    this.#options.tell(text, isShown);
  }
}

function mark(tile: TileHost, name: 'grabbed' | 'target', isSo: boolean): void {
  tile.shadowRoot?.querySelector('.tile')?.classList.toggle(name, isSo);
}

/** Lets an element come from where it was, in a page whose reader likes movement. */
function slide(element: HTMLElement, before: DOMRect): void {
  const { left, top, width } = element.getBoundingClientRect();
  if (matchMedia('(prefers-reduced-motion: no-preference)').matches && (left !== before.left || top !== before.top)) {
    const from = {
      transformOrigin: '0 0',
      transform: `translate(${before.left - left}px, ${before.top - top}px) scale(${before.width / width})`,
    };
    element.animate([from, { transformOrigin: '0 0', transform: 'none' }], { duration: 200, easing: 'ease-out' });
  }
}
