const icon =
  '<svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"><path d="M3 6.5h11A1.5 1.5 0 0 1 15.5 8v2.2l4.3-2.6A.8.8 0 0 1 21 8.3v7.4a.8.8 0 0 1-1.2.7l-4.3-2.6V16a1.5 1.5 0 0 1-1.5 1.5H3A1.5 1.5 0 0 1 1.5 16V8A1.5 1.5 0 0 1 3 6.5Z"/></svg>';

/** What a tile shows before it has a picture: a still one, or the outline of a camera. */
export class Backdrop {
  readonly element = document.createElement('div');
  readonly #image = document.createElement('img');
  #source = '';

  constructor() {
    this.element.className = 'backdrop';
    this.element.innerHTML = icon;
    this.#image.alt = '';
    this.#image.setAttribute('part', 'poster');
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
