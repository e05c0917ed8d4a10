/** How long (ms) a tile may be out of sight before its stream is paused: somebody may only scroll past. */
const scrolledAway = 1000;
const tabHidden = 5000;

/**
 * Whether anybody can see an element. It counts as seen a moment longer than it is, and from the start until the
 * browser has looked.
 */
export class Visibility {
  readonly #element: Element;
  readonly #onChange: () => void;
  readonly #observer: IntersectionObserver;
  #visible = true;
  #intersects = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(element: Element, onChange: () => void) {
    this.#element = element;
    this.#onChange = onChange;
    this.#observer = new IntersectionObserver(
      (entries) => {
        this.#intersects = entries.at(-1)?.isIntersecting ?? true;
        this.#look();
      },
      // Just out of sight is close enough to be wanted in a moment.
      { rootMargin: '25%' },
    );
  }

  get isVisible(): boolean {
    return this.#visible;
  }

  start(): void {
    this.#observer.observe(this.#element);
    document.addEventListener('visibilitychange', this.#look);
  }

  stop(): void {
    this.#observer.disconnect();
    document.removeEventListener('visibilitychange', this.#look);
    clearTimeout(this.#timer);
    this.#intersects = true;
  }

  readonly #look = (): void => {
    clearTimeout(this.#timer);
    if (this.#intersects && !document.hidden) {
      this.#become(true);
    } else if (this.#visible) {
      this.#timer = setTimeout(() => this.#become(false), document.hidden ? tabHidden : scrolledAway);
    }
  };

  #become(visible: boolean): void {
    if (visible !== this.#visible) {
      this.#visible = visible;
      this.#onChange();
    }
  }
}
