import { drawIcon } from './icons.ts';

/** What a tile shows before it has a picture: a still one, or the outline of a camera. */
export class Backdrop {
  readonly element = document.createElement('div');
  readonly #image = document.createElement('img');
  #source = '';

  constructor() {
    this.element.className = 'backdrop';
    this.element.append(drawIcon('camera'));
    this.#image.alt = '';
    this.#image.setAttribute('part', 'poster');
    // The device gives its stills only to pages that it knows.
    this.#image.referrerPolicy = 'origin';
    // One that cannot be loaded leaves the outline.
    this.#image.onerror = () => this.#image.remove();
    this.#image.onload = () => this.#source && this.element.append(this.#image);
  }

  /** @param source the address of a picture; empty for none */
  show(source: string): void {
    if (source !== this.#source) {
      this.#source = source;
      if (source === '') {
        this.#image.remove();
        this.#image.removeAttribute('src');
      } else {
        this.#image.src = source;
      }
    }
  }
}
