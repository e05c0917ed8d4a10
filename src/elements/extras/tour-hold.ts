/** A pointer that has not moved for this long (ms) no longer counts: it was left on a wall without a reader. */
const restsAfter = 60_000;

/**
 * Whether a reader is busy with an element, so that nothing may move in it: a pointer is on it, the keyboard's focus is in it, one of its
 * tiles takes the whole screen, where its controls are out of reach, or it is out of sight.
 */
export class TourHold {
  readonly #host: HTMLElement;
  readonly #bar: HTMLElement;
  readonly #onChange: () => void;
  #stop: (() => void) | null = null;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #isPointedAt = false;
  #isFocused = false;
  #intersects = true;
  #isHidden = false;
  #isBehind = false;

  /** @param bar the controls of the tour, which may be used while it runs */
  constructor(host: HTMLElement, bar: HTMLElement, onChange: () => void) {
    this.#host = host;
    this.#bar = bar;
    this.#onChange = onChange;
  }

  get isHeld(): boolean {
    return this.#isPointedAt || this.#isFocused || this.#isBehind || this.#isHidden || !this.#intersects;
  }

  start(): void {
    const { ownerDocument, shadowRoot } = this.#host;
    const { defaultView } = ownerDocument;
    if (this.#stop !== null || defaultView === null) {
      return;
    }
    const stop = new AbortController();
    const { signal } = stop;
    const pointers: [string, (event: Event) => void][] = [
      ['pointerover', (event) => this.#point(!event.composedPath().includes(this.#bar))],
      ['pointermove', (event) => this.#point(!event.composedPath().includes(this.#bar))],
      ['pointerleave', () => this.#point(false)],
    ];
    for (const [type, listener] of pointers) {
      this.#host.addEventListener(type, listener, { signal });
    }
    for (const target of [this.#host, shadowRoot]) {
      for (const type of ['focusin', 'focusout']) {
        // The browser tells of the change before it makes it.
        target?.addEventListener(type, () => setTimeout(() => this.#look()), { signal });
      }
    }
    for (const type of ['visibilitychange', 'fullscreenchange']) {
      ownerDocument.addEventListener(type, () => this.#look(), { signal });
    }
    const intersections = new defaultView.IntersectionObserver((entries) => {
      this.#intersects = entries.at(-1)?.isIntersecting ?? true;
      this.#onChange();
    });
    intersections.observe(this.#host);
    this.#stop = () => {
      stop.abort();
      intersections.disconnect();
    };
    this.#look();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    clearTimeout(this.#resting);
    this.#isPointedAt = this.#isFocused = this.#isHidden = this.#isBehind = false;
    this.#intersects = true;
  }

  #point(isOn: boolean): void {
    clearTimeout(this.#resting);
    if (isOn) {
      this.#resting = setTimeout(() => this.#point(false), restsAfter);
    }
    if (isOn !== this.#isPointedAt) {
      this.#isPointedAt = isOn;
      this.#onChange();
    }
  }

  #look(): void {
    const { hidden, fullscreenElement } = this.#host.ownerDocument;
    this.#isHidden = hidden;
    this.#isBehind = fullscreenElement !== this.#host && this.#host.contains(fullscreenElement);
    const focused = deepestFocus(this.#host.ownerDocument);
    this.#isFocused =
      focused !== null &&
      !this.#bar.contains(focused) &&
      // A click focuses a tile as well, and is no reason to hold the tour for as long as the focus stays.
      focused.matches(':focus-visible') &&
      isWithin(focused, this.#host);
    this.#onChange();
  }
}

function deepestFocus(document: Document): Element | null {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) {
    focused = focused.shadowRoot.activeElement;
  }
  return focused;
}

/** Whether an element lies in another one or in its shadow, however deep. */
function isWithin(element: Element, other: Element): boolean {
  for (let node: Node | null = element; node !== null; node = node.parentNode ?? ((node as ShadowRoot).host || null)) {
    if (node === other) {
      return true;
    }
  }
  return false;
}
