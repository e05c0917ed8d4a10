/** The pointers that are pressed on a tile: fingers, a pen, the mouse. */
export class Touches {
  readonly #points = new Map<number, { x: number; y: number }>();
  #start = { x: 0, y: 0 };
  /** How far (CSS pixels) the first pointer is from where it was pressed. */
  moved = 0;

  get points(): readonly { readonly x: number; readonly y: number }[] {
    return [...this.#points.values()];
  }

  has({ pointerId }: PointerEvent): boolean {
    return this.#points.has(pointerId);
  }

  press({ pointerId, clientX, clientY }: PointerEvent): void {
    if (this.#points.size === 0) {
      this.#start = { x: clientX, y: clientY };
      this.moved = 0;
    }
    this.#points.set(pointerId, { x: clientX, y: clientY });
  }

  move({ pointerId, clientX, clientY }: PointerEvent): void {
    this.#points.set(pointerId, { x: clientX, y: clientY });
    const [first] = this.points;
    this.moved = first ? Math.hypot(first.x - this.#start.x, first.y - this.#start.y) : 0;
  }

  /** How far the first pointer is from where it was pressed. */
  get way(): { x: number; y: number } {
    const { x, y } = this.points[0] ?? this.#start;
    return { x: x - this.#start.x, y: y - this.#start.y };
  }

  release({ pointerId }: PointerEvent): void {
    this.#points.delete(pointerId);
  }

  clear(): void {
    this.#points.clear();
  }
}

/** Whether an event comes from something in the tile that the viewer operates: a button of ours, or the page's own over the picture. */
export function isOnControl(event: Event, host: Element): boolean {
  const path = event.composedPath();
  return path
    .slice(0, path.indexOf(host))
    .some(
      (node) => node instanceof Element && node.matches('.controls, button, a, input, select, textarea, [tabindex]'),
    );
}
