import type { ReactiveController } from 'lit';
import type { TileHost } from '../tile.ts';

/** How long (ms) a tile may be out of sight before its stream is paused: a reader may only scroll past it. */
const scrolledAway = 1000;
const tabHidden = 5000;

/**
 * Whether a reader can see a tile. It counts as visible a moment longer than it is, and from the start until the browser
 * has looked. Watches in the tile's own document, which may be that of a pop-up window.
 */
export class Visibility implements ReactiveController {
  readonly #host: TileHost;
  #stopWatching = () => {};
  #visible = true;
  #intersects = true;
  #hasBox = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: TileHost) {
    this.#host = host;
    host.addController(this);
  }

  get isVisible(): boolean {
    return this.#visible;
  }

  hostConnected(): void {
    const { ownerDocument } = this.#host;
    const view = ownerDocument.defaultView;
    if (view === null) {
      return;
    }
    const intersections = new view.IntersectionObserver(
      (entries) => {
        this.#intersects = entries.at(-1)?.isIntersecting ?? true;
        this.#look();
      },
      // A tile just out of sight may be wanted in a moment.
      { rootMargin: '25%' },
    );
    // An empty box can intersect, and the observer above says nothing when it gets a size.
    const sizes = new view.ResizeObserver((entries) => {
      const { inlineSize = 0, blockSize = 0 } = entries.at(-1)?.borderBoxSize[0] ?? {};
      this.#hasBox = inlineSize > 0 && blockSize > 0;
      this.#look();
    });
    intersections.observe(this.#host);
    sizes.observe(this.#host, { box: 'border-box' });
    ownerDocument.addEventListener('visibilitychange', this.#look);
    this.#stopWatching = () => {
      intersections.disconnect();
      sizes.disconnect();
      ownerDocument.removeEventListener('visibilitychange', this.#look);
    };
  }

  hostDisconnected(): void {
    this.#stopWatching();
    clearTimeout(this.#timer);
    this.#intersects = this.#hasBox = true;
  }

  readonly #look = (): void => {
    const { hidden } = this.#host.ownerDocument;
    clearTimeout(this.#timer);
    if (this.#intersects && this.#hasBox && !hidden) {
      this.#become(true);
    } else if (this.#visible) {
      this.#timer = setTimeout(() => this.#become(false), hidden ? tabHidden : scrolledAway);
    }
  };

  #become(visible: boolean): void {
    if (visible !== this.#visible) {
      this.#visible = visible;
      if (!visible && !this.#host.ownerDocument.hidden) {
        import('./advice.ts').then(({ adviseOnBox }) => adviseOnBox(this.#host)).catch(() => {});
      }
      this.#host.requestUpdate();
    }
  }
}
