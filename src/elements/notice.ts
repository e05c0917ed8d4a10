import { part } from './dom.ts';
import type { MsGrid } from './ms-grid.ts';
import type { Strings } from './strings.ts';
import type { Why } from './tile-state.ts';

/** Why a wall has no session: told once for all of its tiles, in the language of its reader. */
export class Notice {
  readonly #grid: MsGrid;
  readonly #element = part('p', 'error');
  #why: Why | null = null;

  constructor(grid: MsGrid) {
    this.#grid = grid;
    this.#element.setAttribute('role', 'alert');
  }

  /** @param own the page's texts, which win over the built-in ones */
  async show(why: Why | null, own: Partial<Strings>): Promise<void> {
    this.#why = why;
    if (why === null) {
      this.#element.remove();
      return;
    }
    // The tiles load the same. A page that has only `ms-grid.js` of all the files reads English.
    const words = await import('./extras/extras.ts').catch(() => null);
    if (why !== this.#why) {
      return;
    }
    const grid = this.#grid;
    const strings = { ...words?.stringsFor(grid), ...own };
    const text = words?.explain(why, strings, { device: grid.deviceUrl, stream: '' }) ?? why.message;
    // Written again, an alert would be read again.
    if (text !== this.#element.textContent) {
      this.#element.textContent = text;
    }
    this.#element.classList.toggle('alone', grid.childElementCount === 0);
    // A reader is told of an alert that comes.
    if (!this.#element.isConnected) {
      grid.renderRoot.append(this.#element);
    }
  }
}
