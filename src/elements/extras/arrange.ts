import type { ReactiveController } from 'lit';
import type { WallSettings } from '../context.ts';
import type { Strings } from '../strings.ts';
import type { TileHost } from '../tile.ts';
import { arrangeStyles } from './arrange.styles.ts';
import { type Arrangement, arrange, arrangementOf, type Grid } from './arrangement.ts';
import { Move } from './move.ts';
import { isOnControl, Touches } from './touches.ts';
import { Zoom } from './zoom.ts';

export { arrange };

/** The English texts. They are here because few pages need them. */
export const arrangeTexts: Partial<Strings> = {
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomed: 'Zoom {percent} %',
  move: 'Move',
  moving: 'Arrows choose a place for {tile}, Enter swaps, Escape cancels',
  moveTo: 'Enter swaps with {tile}',
  moved: '{tile} is now at place {place} of {places}',
  notMoved: '{tile} stays at place {place} of {places}',
};

/** Paths in a box of 24 by 24. */
const icons = {
  zoomOut:
    'M10 3a7 7 0 1 1-4.9 12A7 7 0 0 1 10 3Zm0 2a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM7 9h6v2H7V9Zm9.6 6.2 5 5-1.4 1.4-5-5 1.4-1.4Z',
  zoomIn:
    'M10 3a7 7 0 1 1-4.9 12A7 7 0 0 1 10 3Zm0 2a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM9 6.5h2V9h2.5v2H11v2.5H9V11H6.5V9H9V6.5Zm7.6 8.7 5 5-1.4 1.4-5-5 1.4-1.4Z',
  move: 'm12 2 4 4h-3v5h5V8l4 4-4 4v-3h-5v5h3l-4 4-4-4h3v-5H6v3l-4-4 4-4v3h5V6H8l4-4Z',
};

/** A tile as its arranger sees it. */
export interface ArrangedTile {
  /** Which of `zoom` and `move` are among the controls. */
  readonly controls: readonly string[];
  readonly strings: Partial<Strings>;
  readonly wall: WallSettings | null;
  /** The stream that is on the screen, if there is one. */
  readonly shown: string | undefined;
}

export interface ArrangerOptions {
  readonly picture: HTMLElement;
  pictureBox(): DOMRect | null;
  neighbour(tile: Element, tiles: readonly Element[], key: string): Element | undefined;
}

/** Lets a viewer enlarge the picture of a tile, and give the tile another place in its wall. */
export class Arranger implements ReactiveController {
  readonly #host: TileHost;
  readonly zoom: Zoom;
  readonly #move: Move;
  readonly #touches = new Touches();
  #tile: ArrangedTile = { controls: [], strings: {}, wall: null, shown: undefined };
  /** The texts for the viewer. */
  readonly layer = document.createElement('div');
  readonly #hint = document.createElement('p');
  readonly #level = document.createElement('span');
  readonly #buttons: {
    readonly move: HTMLButtonElement;
    readonly zoomIn: HTMLButtonElement;
    readonly zoomOut: HTMLButtonElement;
  };
  #sizes: ResizeObserver | undefined;
  /** The next click is the end of a movement. */
  #isClickSpent = false;

  constructor(host: TileHost, { picture, pictureBox, neighbour }: ArrangerOptions) {
    this.#host = host;
    this.zoom = new Zoom(host, {
      picture,
      pictureBox,
      hasPointers: () => this.#tile.controls.includes('zoom'),
      onChange: () => this.#onZoom(),
    });
    this.#move = new Move(host, {
      arrangement: () => this.#arrangement,
      neighbour,
      strings: () => this.#strings,
      tell: (text, isShown) => this.#tell(text, isShown),
    });
    this.#buttons = {
      move: createButton('move', this.#move.toggle),
      zoomOut: createButton('zoomOut', () => this.zoom.out()),
      zoomIn: createButton('zoomIn', () => this.zoom.in()),
    };
    this.#level.className = 'level';
    this.#level.ariaHidden = 'true';
    this.#hint.setAttribute('role', 'status');
    this.#tell('', false);
    this.layer.append(this.#level, this.#hint);
    this.layer.className = 'arranger';
    host.addStyles(arrangeStyles);
    host.addController(this);
    // While they capture, so that they come before the other gestures and the page's own.
    const listen = <E extends Event>(types: string, listener: (event: E) => void) => {
      for (const type of types.split(' ')) {
        host.addEventListener(type, listener as EventListener, { capture: true, passive: false });
      }
    };
    listen('keydown', this.#onKey);
    listen('wheel', this.zoom.onWheel);
    listen('pointerdown', this.#onPress);
    listen('pointermove', this.#onMove);
    listen('pointerup pointercancel', this.#onRelease);
    listen('touchstart touchmove', this.#onTouch);
    listen('click', this.#onClick);
    listen('contextmenu', this.#onMenu);
    listen('focusin', () => this.#move.focus());
  }

  hostConnected(): void {
    // The window's own that the tile is in: another one's says late what changes there.
    const view = this.#host.ownerDocument.defaultView;
    this.#sizes = view ? new view.ResizeObserver(() => this.zoom.settle()) : undefined;
    this.#sizes?.observe(this.#host);
  }

  hostDisconnected(): void {
    this.#sizes?.disconnect();
    this.#move.cancel();
    this.#touches.clear();
  }

  /** Those of the controls that the tile has. */
  get buttons(): readonly HTMLElement[] {
    const { controls } = this.#tile;
    const { move, zoomIn, zoomOut } = this.#buttons;
    return [...(controls.includes('move') ? [move] : []), ...(controls.includes('zoom') ? [zoomOut, zoomIn] : [])];
  }

  /** Follows what the tile is and shows. */
  update(tile: ArrangedTile): void {
    if (tile.shown !== this.#tile.shown) {
      this.zoom.reset();
    }
    this.#tile = tile;
    const strings = this.#strings;
    for (const [name, button] of Object.entries(this.#buttons)) {
      button.title = button.ariaLabel = strings[name as keyof Strings] ?? name;
    }
    const classes = this.#host.shadowRoot?.querySelector('.tile')?.classList;
    classes?.toggle('zoomable', tile.controls.includes('zoom'));
    classes?.toggle('movable', this.#arrangement !== null);
    if (this.#arrangement === null) {
      this.#move.cancel();
    }
  }

  /** Whether the key means something here. */
  press(key: string): boolean {
    return this.#move.press(key) || this.zoom.press(key);
  }

  get #strings(): Partial<Strings> {
    return { ...arrangeTexts, ...this.#tile.strings };
  }

  get #arrangement(): Arrangement | null {
    const { controls, wall } = this.#tile;
    return wall && controls.includes('move') ? arrangementOf(wall as Grid) : null;
  }

  #onZoom(): void {
    const { scale, isZoomed } = this.zoom;
    this.#host.shadowRoot?.querySelector('.tile')?.classList.toggle('zoomed', isZoomed);
    const percent = `${Math.round(scale * 100)}`;
    this.#level.textContent = isZoomed ? `${scale.toFixed(1)}×` : '';
    this.#tell((this.#strings.zoomed ?? '').replace('{percent}', percent), false);
    this.#host.requestUpdate();
  }

  #tell(text: string, isShown: boolean): void {
    this.#hint.textContent = text;
    this.#hint.className = isShown ? 'hint' : 'live';
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const { key, ctrlKey, altKey, metaKey, defaultPrevented } = event;
    const [source] = event.composedPath();
    // While the tile is moved, its button answers to the arrows, too.
    const isOurs = source === this.#host || (source === this.#buttons.move && key !== 'Enter' && key !== ' ');
    if (isOurs && !defaultPrevented && !ctrlKey && !altKey && !metaKey && this.press(key)) {
      event.preventDefault();
      // The page's own keys are for a tile that is not being arranged.
      event.stopImmediatePropagation();
    }
  };

  readonly #onPress = (event: PointerEvent): void => {
    if (event.button === 0 && !isOnControl(event, this.#host)) {
      this.#isClickSpent = false;
      this.#touches.press(event);
      this.#follow(event);
    }
  };

  readonly #onMove = (event: PointerEvent): void => {
    if (this.#touches.has(event)) {
      this.#touches.move(event);
      this.#follow(event);
    }
  };

  #follow(event: PointerEvent): void {
    const isFollowed =
      this.zoom.follow(this.#touches) || (!this.zoom.isZoomed && this.#move.follow(this.#touches, event));
    if (isFollowed && !this.#isClickSpent) {
      this.#isClickSpent = true;
      this.#host.setPointerCapture(event.pointerId);
    }
  }

  readonly #onRelease = (event: PointerEvent): void => {
    if (this.#touches.has(event)) {
      this.#touches.release(event);
      event.type === 'pointerup' ? this.#move.release() : this.#move.cancel();
      this.zoom.follow(this.#touches);
    }
  };

  /** Keeps the browser from scrolling or enlarging the page instead. */
  readonly #onTouch = (event: TouchEvent): void => {
    const isPinch = event.touches.length > 1 && this.zoom.hasPointers;
    if (event.cancelable && (isPinch || this.#move.isDragged)) {
      event.preventDefault();
    }
  };

  readonly #onClick = (event: MouseEvent): void => {
    if (this.#isClickSpent || (!isOnControl(event, this.#host) && this.#move.click())) {
      this.#isClickSpent = false;
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };

  readonly #onMenu = (event: Event): void => {
    // A finger that rests on the tile grabs it.
    if (this.#move.isDragged) {
      event.preventDefault();
    }
  };
}

function createButton(name: keyof typeof icons, act: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = name;
  button.setAttribute('part', 'control');
  const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  picture.setAttribute('viewBox', '0 0 24 24');
  picture.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', icons[name]);
  picture.append(path);
  button.append(picture);
  button.addEventListener('click', act);
  return button;
}
