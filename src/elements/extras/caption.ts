export interface CaptionText {
  /** What the picture shows. */
  readonly label: string;
  /** The quality that the picture is in. */
  readonly quality: string;
  /** Why the tile failed, where nobody else says it. */
  readonly reason: string;
  readonly state: string;
  /** For somebody who points at the state. */
  readonly explanation: string;
}

/** What stands over the picture: whose it is, and what the tile says of itself. */
export class Caption {
  readonly head = part('div', 'head', 'bar');
  /** Controls stand in it too, above the reason. */
  readonly foot = part('div', 'foot');
  readonly #label = part('span', 'label');
  readonly #quality = part('span', 'quality');
  readonly #badge = part('span', 'badge');
  readonly #reason = part('p', 'reason');

  constructor() {
    this.head.append(this.#label, this.#badge);
  }

  show({ label, quality, reason, state, explanation }: CaptionText): void {
    this.#label.textContent = label;
    this.#badge.textContent = state;
    this.#badge.title = explanation;
    insert(this.#quality, quality, () => this.#label.after(this.#quality));
    insert(this.#reason, reason, () => this.foot.append(this.#reason));
  }
}

/** An element that a page can style from outside. */
function part(tag: string, className: string, name = className): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.setAttribute('part', name);
  return element;
}

/** An element with nothing to say is not there. */
function insert(element: HTMLElement, text: string, place: () => void): void {
  element.textContent = text;
  if (text === '') {
    element.remove();
  } else if (element.parentElement === null) {
    place();
  }
}
