import type { MsGrid } from '../elements/ms-grid.ts';
import type { MsSlot } from '../elements/ms-slot.ts';
import type { CameraPage } from './camera-page.ts';
import { tellHost } from './tell-host.ts';

/** Attributes that the stand-in takes over from its iframe. */
const attributes = ['class', 'title', 'lang', 'dir', 'aria-label', 'aria-hidden'];

/**
 * One upgraded iframe: a tile, or a grid of tiles, in its place. The iframe stays where it is, empty and not displayed:
 * its owner can find, change and remove it, and the very same element comes back.
 */
export class StandIn {
  readonly iframe: HTMLIFrameElement;
  readonly standIn: MsSlot | MsGrid;
  readonly device: string;
  /** `leaving` until the page in the iframe is gone. After that, a page that loads in it is there on purpose. */
  #state: 'leaving' | 'empty' = 'empty';
  #window: Window | null = null;
  readonly #onStray: (reason: string | null) => void;
  #telling = new AbortController();
  /** The streams that the host was told of. */
  #told = '';

  /**
   * @param onStray is told that the iframe has another page (null), or why it needs its own again
   */
  constructor(iframe: HTMLIFrameElement, page: CameraPage, onStray: (reason: string | null) => void) {
    this.iframe = iframe;
    this.device = page.device;
    this.#onStray = onStray;
    this.standIn = document.createElement(page.streams.length === 1 ? 'ms-slot' : 'ms-grid');
    this.standIn.deviceUrl = page.device;
    this.show(page);
    iframe.addEventListener('load', this.#onLoad);
  }

  /** Whether the same element can show this page: only a grid shows several streams, and a grid has one device. */
  fits({ device, streams }: CameraPage): boolean {
    return device === this.device && streams.length > 1 === (this.standIn.localName === 'ms-grid');
  }

  show(page: CameraPage): void {
    this.#show(page);
    const streams = page.streams.join();
    if (streams !== this.#told) {
      this.#told = streams;
      this.#telling.abort();
      this.#telling = new AbortController();
      tellHost(this.iframe, page, this.standIn, this.#telling.signal);
    }
  }

  #show({ streams, eager, sound }: CameraPage): void {
    this.dress();
    this.standIn.eager = eager;
    this.standIn.controls = sound ? 'sound' : null;
    if (this.standIn.localName === 'ms-slot') {
      const [stream = ''] = streams;
      const slot = this.standIn as MsSlot;
      slot.stream = stream;
      slot.label = this.iframe.title;
      slot.sound = sound;
      return;
    }
    const slots = [...this.standIn.children] as MsSlot[];
    for (const [index, stream] of streams.entries()) {
      const slot = slots[index] ?? this.standIn.appendChild(document.createElement('ms-slot'));
      slot.stream = stream;
    }
    for (const slot of slots.slice(streams.length)) {
      slot.remove();
    }
  }

  dress(): void {
    for (const name of attributes) {
      const value = this.iframe.getAttribute(name);
      if (value !== this.standIn.getAttribute(name)) {
        value === null ? this.standIn.removeAttribute(name) : this.standIn.setAttribute(name, value);
      }
    }
    // Set through the object model, since a Content-Security-Policy may forbid `style` as an attribute.
    if (this.standIn.style.cssText !== this.iframe.style.cssText) {
      this.standIn.style.cssText = this.iframe.style.cssText;
    }
  }

  /** Ends the page in the iframe. Its address stays in `src`, and the browser's history as it is. */
  empty(): void {
    this.#state = 'leaving';
    this.#window = this.iframe.contentWindow;
    this.#window?.location.replace('about:blank');
  }

  /** An iframe that was moved in the document has loaded its page again. */
  get wasMoved(): boolean {
    return this.iframe.contentWindow !== this.#window;
  }

  /** Lets go of the iframe, which loads its page again, if that is wanted and it is still in the document. */
  release(reload: boolean): void {
    this.#telling.abort();
    this.iframe.removeEventListener('load', this.#onLoad);
    this.standIn.letGo();
    if (reload) {
      this.iframe.contentWindow?.location.replace(this.iframe.src);
    }
  }

  readonly #onLoad = () => {
    // Null is a page of another origin.
    if (this.iframe.contentDocument?.URL === 'about:blank') {
      this.#state = 'empty';
      this.iframe.contentWindow?.addEventListener('message', this.#onMessage);
    } else if (this.#state === 'empty') {
      this.#onStray(null);
    }
  };

  readonly #onMessage = ({ data }: MessageEvent) => {
    if (data?.action === 'start_face_tracking') {
      this.#onStray('its host asks for face tracking');
    }
  };
}
