export interface CaptionText {
  /** What the picture shows. */
  readonly label: string;
  /** The quality that the picture is in. */
  readonly quality: string;
  /** Why the tile itself failed; what concerns the whole wall is told there. */
  readonly reason: string;
  readonly state: string;
  /** For somebody who points at the state. */
  readonly explanation: string;
}

/** What stands over the picture: whose it is, and what the tile says of itself. */
export class Caption {
  readonly elements: readonly Element[];
  readonly #bar = part('div', 'bar');
  readonly #label = part('span', 'label');
  readonly #quality = part('span', 'quality');
  readonly #reason = part('p', 'reason');
  readonly #badge = part('span', 'badge');

  constructor() {
    this.#bar.append(this.#label);
    this.elements = [this.#bar, this.#badge];
  }

  show({ label, quality, reason, state, explanation }: CaptionText): void {
    this.#label.textContent = label;
    this.#quality.textContent = quality;
    this.#reason.textContent = reason;
    this.#bar.replaceChildren(
      this.#label,
      ...[this.#quality, this.#reason].filter((element) => element.textContent !== ''),
    );
    this.#badge.textContent = state;
    this.#badge.title = explanation;
  }
}

/** An element that a page can style from outside. */
function part(tag: string, name: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  element.setAttribute('part', name);
  return element;
}
