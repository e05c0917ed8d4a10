import type { Strings } from '../strings.ts';

/** Paths in a box of 24 by 24. The bars tell on and back from `play`. */
const icons = {
  previous: 'M18 5v14l-9-7 9-7ZM6 5h2v14H6V5Z',
  pause: 'M7 5h4v14H7V5Zm6 0h4v14h-4V5Z',
  play: 'M8 5v14l11-7L8 5Z',
  next: 'M6 5v14l9-7-9-7Zm10 0h2v14h-2V5Z',
};

/** The English texts of a tour; the others are in `words.ts`. */
export const tourTexts = {
  tour: 'Tour',
  tourPause: 'Pause the tour',
  tourPlay: 'Play the tour',
  tourPrevious: 'Previous cameras',
  tourNext: 'Next cameras',
};

export interface TourActions {
  previous(): void;
  toggle(): void;
  next(): void;
}

/** The controls of a tour. Built by hand, so that this file needs nothing of those that a page has loaded before it. */
export class TourBar {
  readonly element: HTMLElement;
  readonly #buttons: Record<keyof TourActions, HTMLButtonElement>;
  readonly #position: HTMLElement;

  constructor(document: Document, actions: TourActions) {
    this.element = document.createElement('div');
    this.element.className = 'tour';
    this.element.setAttribute('part', 'tour');
    this.element.role = 'group';
    const create = (name: keyof TourActions) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = name;
      button.setAttribute('part', 'control');
      button.addEventListener('click', actions[name]);
      return button;
    };
    this.#buttons = { toggle: create('toggle'), previous: create('previous'), next: create('next') };
    this.#position = document.createElement('span');
    this.#position.className = 'position';
    const { previous, toggle, next } = this.#buttons;
    draw(previous, icons.previous);
    draw(next, icons.next);
    // The control that is always there comes first, so that it stays in its place when the others appear.
    this.element.append(toggle, previous, next, this.#position);
    for (const type of ['click', 'dblclick']) {
      // A click on a button is none on the tile under it.
      this.element.addEventListener(type, (event) => event.stopPropagation());
    }
  }

  update(strings: Partial<Strings>, { isPaused, position }: { isPaused: boolean; position: string }): void {
    const texts = { ...tourTexts, ...strings };
    const { previous, toggle, next } = this.#buttons;
    this.element.ariaLabel = texts.tour;
    this.element.classList.toggle('paused', isPaused);
    draw(toggle, isPaused ? icons.play : icons.pause);
    name(previous, texts.tourPrevious);
    name(toggle, isPaused ? texts.tourPlay : texts.tourPause);
    name(next, texts.tourNext);
    this.#position.textContent = position;
  }
}

function name(button: HTMLButtonElement, text: string): void {
  button.title = text;
  button.ariaLabel = text;
}

function draw(button: HTMLButtonElement, path: string): void {
  const svg = 'http://www.w3.org/2000/svg';
  const { ownerDocument } = button;
  let shape = button.querySelector('path');
  if (shape === null) {
    const icon = ownerDocument.createElementNS(svg, 'svg');
    icon.setAttribute('viewBox', '0 0 24 24');
    icon.setAttribute('aria-hidden', 'true');
    shape = ownerDocument.createElementNS(svg, 'path');
    icon.append(shape);
    button.append(icon);
  }
  shape.setAttribute('d', path);
}
