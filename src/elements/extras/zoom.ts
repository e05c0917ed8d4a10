import type { TileHost } from '../tile.ts';
import { isOnControl, type Touches } from './touches.ts';

/** How far a picture can be enlarged. */
const most = 16;
/** How much a key or a button enlarges, and what share of the tile an arrow moves. */
const factor = Math.SQRT2;
const stride = 0.2;
/** Pixels of a mouse wheel that double the picture. Browsers tell of a pinch on a touchpad as of a tenth of that, with Ctrl. */
const doubling = 250;
const doublingByPinch = 50;
/** Pixels of a line and of a page, for wheels that count in these. */
const wheelUnits = [1, 16, 400];
/** Pixels before a pressed pointer moves the picture. */
const slack = 4;

/** The part of a picture that a tile shows. */
export interface ZoomView {
  /** How many times larger than fitted the picture is; 1 at least. */
  readonly scale: number;
  /** How far the middle of the picture is from that of the tile, in shares of the tile's width and height. */
  readonly x: number;
  readonly y: number;
}

export const fitted: ZoomView = { scale: 1, x: 0, y: 0 };

/** Enlarges around a point of the tile that stays in its place. @param x, y from the middle, in shares of the tile */
export function zoomAt(view: ZoomView, times: number, { x, y }: { x: number; y: number }): ZoomView {
  const scale = Math.min(Math.max(view.scale * times, 1), most);
  const grown = scale / view.scale;
  return { scale, x: x - (x - view.x) * grown, y: y - (y - view.y) * grown };
}

/** Leaves no empty edge where the picture is larger than the tile. @param picture its fitted size, in shares of the tile */
export function keepInside({ scale, x, y }: ZoomView, picture: { width: number; height: number }): ZoomView {
  const within = (offset: number, size: number) => {
    const reach = Math.max(0, (size * scale - 1) / 2);
    return Math.min(Math.max(offset, -reach), reach);
  };
  return { scale, x: within(x, picture.width), y: within(y, picture.height) };
}

export interface ZoomOptions {
  /** The element with the picture, which is as large as the tile. */
  readonly picture: HTMLElement;
  /** Where the picture is in the tile; null while there is none. */
  pictureBox(): DOMRect | null;
  /** Whether the wheel and two fingers may begin to zoom. */
  hasPointers(): boolean;
  onChange(): void;
}

/** Enlarges the picture of one tile, and moves it about. */
export class Zoom {
  readonly #host: TileHost;
  readonly #options: ZoomOptions;
  #view = fitted;
  /** The way of the last two fingers, or of one pointer that moves the picture. */
  #last: { x: number; y: number; apart: number } | null = null;

  constructor(host: TileHost, options: ZoomOptions) {
    this.#host = host;
    this.#options = options;
  }

  get scale(): number {
    return this.#view.scale;
  }

  get isZoomed(): boolean {
    return this.#view.scale > 1;
  }

  /** Whether the wheel and the fingers zoom. */
  get hasPointers(): boolean {
    return this.isZoomed || this.#options.hasPointers();
  }

  in(): void {
    this.#show(zoomAt(this.#view, factor, fitted));
  }

  out(): void {
    this.#show(zoomAt(this.#view, 1 / factor, fitted));
  }

  reset(): void {
    this.#show(fitted);
  }

  /** Whether the key means something here. */
  press(key: string): boolean {
    const [x, y] = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key] ?? [];
    if (key === '+' || key === '=') {
      this.in();
    } else if (!this.isZoomed) {
      return false;
    } else if (key === '-') {
      this.out();
    } else if (key === '0') {
      this.reset();
    } else if (x !== undefined && y !== undefined) {
      this.#show({ ...this.#view, x: this.#view.x + x * stride, y: this.#view.y + y * stride });
    } else {
      return false;
    }
    return true;
  }

  /** Keeps the picture where it may be, after the size of the tile or of the picture has changed. */
  settle(): void {
    if (this.isZoomed) {
      this.#show(this.#view);
    }
  }

  readonly onWheel = (event: WheelEvent): void => {
    const { deltaY, deltaMode, ctrlKey, defaultPrevented } = event;
    const isOurs = this.hasPointers && !defaultPrevented && !isOnControl(event, this.#host);
    const times = 2 ** ((-deltaY * (wheelUnits[deltaMode] ?? 1)) / (ctrlKey ? doublingByPinch : doubling));
    // A fitted picture gets no smaller, and a page that scrolls goes on scrolling unless the viewer is at this tile.
    const begins = times > 1 && (ctrlKey || this.#host.matches(':focus-within, :fullscreen') || !scrolls(this.#host));
    if (isOurs && (this.isZoomed || begins)) {
      event.preventDefault();
      this.#show(zoomAt(this.#view, times, this.#shareOf(event.clientX, event.clientY)));
    } else if (isOurs && ctrlKey) {
      // The whole page would be made smaller instead.
      event.preventDefault();
    }
  };

  /** Follows one pointer while the picture is enlarged, and two fingers always. Returns whether the picture is moved. */
  follow({ points, moved }: Touches): boolean {
    const [one, two] = points;
    if (!one || !this.hasPointers || (!two && !(this.isZoomed && moved > slack))) {
      this.#last = null;
      return false;
    }
    const [x, y] = two ? [(one.x + two.x) / 2, (one.y + two.y) / 2] : [one.x, one.y];
    const apart = two ? Math.hypot(one.x - two.x, one.y - two.y) : 0;
    const last = this.#last;
    this.#last = { x, y, apart };
    // A finger that comes or goes moves the middle, and nothing else.
    if (last && last.apart > 0 === apart > 0) {
      const { width, height } = this.#host.getBoundingClientRect();
      const moved = {
        ...this.#view,
        x: this.#view.x + (x - last.x) / width,
        y: this.#view.y + (y - last.y) / height,
      };
      this.#show(apart > 0 ? zoomAt(moved, apart / last.apart, this.#shareOf(x, y)) : moved);
    }
    return true;
  }

  #shareOf(clientX: number, clientY: number): { x: number; y: number } {
    const { left, top, width, height } = this.#host.getBoundingClientRect();
    return { x: (clientX - left) / width - 0.5, y: (clientY - top) / height - 0.5 };
  }

  #show(wanted: ZoomView): void {
    const before = this.#view;
    const view = wanted.scale > 1 ? keepInside(wanted, this.#fittedPicture) : fitted;
    this.#view = view;
    const { style } = this.#options.picture;
    style.transform = view.scale > 1 ? `translate(${view.x * 100}%, ${view.y * 100}%) scale(${view.scale})` : '';
    if (view.scale !== before.scale) {
      this.#options.onChange();
    }
  }

  /** The size that the picture has without the zoom, in shares of the tile. */
  get #fittedPicture(): { width: number; height: number } {
    const box = this.#options.pictureBox();
    const { width, height } = this.#host.getBoundingClientRect();
    const { scale } = this.#view;
    return box ? { width: box.width / width / scale, height: box.height / height / scale } : { width: 1, height: 1 };
  }
}

/** Whether a wheel over the element scrolls the page, or a part of it. */
function scrolls(element: Element): boolean {
  for (let node: Node | null = element; node; node = node.parentNode ?? (node as ShadowRoot).host ?? null) {
    if (node instanceof Element && node.scrollHeight > node.clientHeight + 1) {
      const isPage = node === node.ownerDocument.scrollingElement;
      if (
        /auto|scroll/.test(getComputedStyle(node).overflowY) ||
        (isPage && getComputedStyle(node).overflowY !== 'hidden')
      ) {
        return true;
      }
    }
  }
  return false;
}
