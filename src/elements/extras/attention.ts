import type { ReactiveController } from 'lit';
import type { WallSettings } from '../context.ts';
import type { TileHost } from '../tile.ts';

/** How long (ms) a pointer rests on a tile before the tile counts as looked at, and for how long it does after it has left. */
const dwell = 100;
const linger = 2000;

/** Whether a reader looks at one tile in particular: calm tiles then show everything. */
export class Attention implements ReactiveController {
  readonly #host: TileHost;
  readonly #wall: () => WallSettings | null;
  #isPointedAt = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop = new AbortController();

  /** @param wall the wall around the tile, if there is one */
  constructor(host: TileHost, wall: () => WallSettings | null) {
    this.#host = host;
    this.#wall = wall;
    host.addController(this);
  }

  get isAttended(): boolean {
    return (
      this.#isPointedAt ||
      this.#host.sound ||
      this.#host.matches(':focus-within, :fullscreen') ||
      this.#wall()?.spotlit === this.#host ||
      !!this.#host.shadowRoot?.pictureInPictureElement
    );
  }

  hostConnected(): void {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const listen = (types: string[], listener: () => void) => {
      for (const type of types) {
        this.#host.addEventListener(type, listener, { signal });
        this.#host.shadowRoot?.addEventListener(type, listener, { signal });
      }
    };
    listen(['pointerenter', 'pointerleave'], () => this.#follow());
    listen(
      ['focusin', 'focusout', 'fullscreenchange', 'enterpictureinpicture', 'leavepictureinpicture'],
      // The browser tells of the change before it makes it.
      () => setTimeout(() => this.#host.requestUpdate()),
    );
  }

  hostDisconnected(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#isPointedAt = false;
  }

  #follow(): void {
    clearTimeout(this.#timer);
    const isOver = this.#host.matches(':hover');
    this.#timer = setTimeout(
      () => {
        this.#isPointedAt = isOver;
        this.#host.requestUpdate();
      },
      isOver ? dwell : linger,
    );
  }
}
