import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** How long (ms) an element may be out of the document before it lets go of its device: tabs, animations, new layouts. */
export const absence = { limit: 5000 };

const absent = new Set<Absence>();

/** Calls back for an element that was taken out of its document and did not come back in time. */
export class Absence implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element;
  readonly #onOver: () => void;
  readonly #holds: () => object | null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #window: Window | null = null;

  /** @param holds what the element keeps while it is out, and could give to another element */
  constructor(host: ReactiveControllerHost & Element, onOver: () => void, holds: () => object | null = () => null) {
    this.#host = host;
    this.#onOver = onOver;
    this.#holds = holds;
    host.addController(this);
  }

  /** Lets the element that has been out longest let go of its place on `held`, for an element that comes. */
  static giveWay(held: object): void {
    const one = [...absent].find((absence) => absence.#holds() === held);
    if (one) {
      one.end();
    }
  }

  hostConnected(): void {
    this.#forget();
    const { defaultView } = this.#host.ownerDocument;
    if (defaultView !== window) {
      // An element in a pop-up or a frame that is closed is never told that it was disconnected.
      this.#window = defaultView;
      defaultView?.addEventListener('pagehide', this.#begin);
    }
  }

  hostDisconnected(): void {
    this.#begin();
  }

  /** Lets go now. */
  end(): void {
    this.#forget();
    this.#onOver();
  }

  readonly #begin = (): void => {
    this.#forget();
    absent.add(this);
    this.#timer = setTimeout(() => this.end(), absence.limit);
  };

  #forget(): void {
    clearTimeout(this.#timer);
    absent.delete(this);
    this.#window?.removeEventListener('pagehide', this.#begin);
    this.#window = null;
  }
}
