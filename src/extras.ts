import { Backdrop } from './extras/backdrop.ts';
import { styles } from './extras/styles.ts';
import { Visibility } from './extras/visibility.ts';
import { Watchdog } from './extras/watchdog.ts';
import type { MsSlot } from './ms-slot.ts';
import type { SlotView } from './slot-view.ts';

/**
 * What a tile can do beyond showing its stream. A file of its own, loaded with the first tile, so that the elements
 * themselves stay small; it imports only types from them, and nothing that they hold as well.
 */
export class Extras {
  readonly #slot: MsSlot;
  readonly #view: SlotView;
  readonly #visibility: Visibility;
  readonly #backdrop = new Backdrop();
  readonly #watchdog = new Watchdog();
  #ticking: ReturnType<typeof setInterval> | undefined;
  /** Whole seconds with a wish and without a picture. */
  #blank = 0;

  constructor(slot: MsSlot, view: SlotView) {
    this.#slot = slot;
    this.#view = view;
    this.#visibility = new Visibility(slot, () => slot.requestUpdate());
    (slot.renderRoot as ShadowRoot).adoptedStyleSheets.push(sheet());
  }

  start(): void {
    this.#visibility.start();
    this.#ticking ??= setInterval(() => this.#tick(), 1000);
  }

  stop(): void {
    this.#visibility.stop();
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    this.#blank = 0;
  }

  /** Nobody can see the tile. */
  get isUnseen(): boolean {
    return !this.#visibility.isVisible;
  }

  /** What lies behind the picture. */
  render(): Element {
    const { connection, picture } = this.#view;
    const still = this.#blank > 0 && connection ? frameUrl(connection.url, this.#slot.stream) : '';
    this.#backdrop.show(picture.isVisible ? '' : (this.#slot.poster ?? still));
    return this.#backdrop.element;
  }

  #tick(): void {
    const { connection, picture, status, wish } = this.#view;
    this.#blank = picture.isVisible || wish.stream === '' ? 0 : this.#blank + 1;
    if (this.#blank === 1) {
      this.#slot.requestUpdate();
    }
    const expected = status?.status === 'active' && !wish.paused && !document.hidden;
    const remedy = this.#watchdog.check(expected ? picture.frames : null);
    if (remedy === 'reconnect') {
      connection?.reconnect();
    } else if (remedy) {
      connection?.[remedy](this.#view);
    }
  }
}

let shared: CSSStyleSheet | undefined;

/** One for all tiles, and none before there is a document. */
function sheet(): CSSStyleSheet {
  if (shared === undefined) {
    shared = new CSSStyleSheet();
    shared.replaceSync(styles);
  }
  return shared;
}

/** Where the device has a still picture of a stream. */
function frameUrl(device: string, stream: string): string {
  const base = new URL(`${device.replace(/\/$/, '')}/`, location.href);
  return new URL(`api/frame.jpeg?src=${encodeURIComponent(stream)}&w=320`, base).href;
}
