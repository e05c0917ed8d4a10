import type { TemplateResult } from 'lit';
import { icon } from './icons.ts';
import { html, nothing } from './lit.ts';

/** Fills a tile before it has a picture: with a still, or with the outline of a camera. */
export class Backdrop {
  readonly #image = document.createElement('img');
  #source = '';
  #isLoaded = false;

  /**
   * @param host renders anew when the image was loaded, or cannot be loaded. Held weakly: Chromium (156) may keep an image that got its
   * address before its place for as long as the document.
   */
  constructor(host: { requestUpdate(): void }) {
    const tile = new WeakRef(host);
    this.#image.alt = '';
    this.#image.setAttribute('part', 'poster');
    // The device gives its stills only to pages that it knows.
    this.#image.referrerPolicy = 'origin';
    const settle = (isLoaded: boolean) => () => {
      this.#isLoaded = isLoaded;
      tile.deref()?.requestUpdate();
    };
    this.#image.onload = settle(true);
    this.#image.onerror = settle(false);
  }

  /** @param source the address of an image; empty for none */
  render(source: string): TemplateResult {
    if (source !== this.#source) {
      this.#source = source;
      if (source === '') {
        this.#isLoaded = false;
        this.#image.removeAttribute('src');
      } else {
        this.#image.src = source;
      }
    }
    return html`<div class="backdrop">${icon('camera')}${this.#isLoaded ? this.#image : nothing}</div>`;
  }
}
