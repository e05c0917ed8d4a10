import { BoxSheet } from './box-sheet.ts';
import { type CameraPage, readCameraPage } from './camera-page.ts';
import { DeviceHold } from './device-hold.ts';
import { StandIn } from './stand-in.ts';

/** Changes of an iframe, or around it, that concern its address, its box or whether it is upgraded. */
const observed: MutationObserverInit = {
  childList: true,
  subtree: true,
  attributes: true,
  attributeFilter: [
    ...['src', 'srcdoc', 'sandbox', 'data-multistream', 'class', 'style', 'id', 'title', 'hidden', 'open'],
    ...['width', 'height', 'frameborder', 'align', 'hspace', 'vspace', 'lang', 'dir', 'aria-label', 'aria-hidden'],
  ],
};

/** The upgraded iframes of one document or shadow root, kept in step with it until `close`. */
export class IframeUpgrade {
  readonly #root: Document | ShadowRoot;
  readonly #standIns = new Map<HTMLIFrameElement, StandIn>();
  readonly #devices = new Map<string, DeviceHold>();
  /** Iframes that could not be upgraded, with the address that they had then. */
  readonly #left = new WeakMap<HTMLIFrameElement, string>();
  readonly #boxes: BoxSheet;
  readonly #observer = new MutationObserver((records) => this.#onMutations(records));
  #frame = 0;

  constructor(root: Document | ShadowRoot) {
    this.#root = root;
    this.#boxes = new BoxSheet(root);
    this.#observer.observe(root, observed);
    addEventListener('resize', this.#fitSoon);
    this.#settle(new Set());
  }

  /** Restores all iframes, which load their pages again. */
  close(): void {
    this.#observer.disconnect();
    removeEventListener('resize', this.#fitSoon);
    cancelAnimationFrame(this.#frame);
    for (const iframe of [...this.#standIns.keys()]) {
      this.#remove(iframe, true);
    }
    this.#dropDevices();
    this.#boxes.close();
  }

  #onMutations(records: MutationRecord[]): void {
    const reloaded = new Set<Node>();
    let settle = false;
    for (const { type, target, attributeName, addedNodes, removedNodes } of records) {
      if (type === 'childList') {
        settle ||= [...addedNodes, ...removedNodes].some((node) => node instanceof Element && !this.#isOurs(node));
      } else if (attributeName === 'src' && target instanceof HTMLIFrameElement) {
        reloaded.add(target);
        settle = true;
      } else if (target instanceof HTMLIFrameElement || attributeName === 'data-multistream') {
        settle = true;
      } else if (!this.#isOurs(target) && [...this.#standIns.keys()].some((iframe) => target.contains(iframe))) {
        this.#fitSoon();
      }
    }
    if (settle) {
      this.#settle(reloaded);
    }
  }

  /** Brings the stand-ins in step with the iframes that there are. */
  #settle(reloaded: ReadonlySet<Node>): void {
    const pages = this.#readPages();
    for (const [iframe, standIn] of this.#standIns) {
      const page = pages.get(iframe);
      if (page === undefined || !standIn.fits(page)) {
        this.#remove(iframe, page === undefined && !reloaded.has(iframe));
      }
    }
    const added: StandIn[] = [];
    for (const [iframe, page] of pages) {
      const standIn = this.#standIns.get(iframe);
      if (standIn === undefined) {
        added.push(this.#add(iframe, page));
      } else {
        standIn.show(page);
        if (iframe.nextSibling !== standIn.standIn) {
          iframe.after(standIn.standIn);
        }
        if (reloaded.has(iframe) || standIn.wasMoved) {
          standIn.empty();
        }
      }
    }
    this.#boxes.insert(added);
    for (const standIn of added) {
      standIn.empty();
    }
    this.#dropDevices();
    this.#boxes.fit([...this.#standIns.values()]);
    // Ignores the changes that this method made itself.
    this.#observer.takeRecords();
  }

  #readPages(): Map<HTMLIFrameElement, CameraPage> {
    const pages = new Map<HTMLIFrameElement, CameraPage>();
    for (const iframe of this.#root.querySelectorAll('iframe')) {
      const page = this.#left.get(iframe) === iframe.src ? null : readCameraPage(iframe);
      // One connection has one token: an iframe with another token stays.
      if (page && this.#hold(page).token === page.token) {
        pages.set(iframe, page);
      }
    }
    return pages;
  }

  #hold({ device, token }: CameraPage): DeviceHold {
    const known = this.#devices.get(device);
    if (known) {
      return known;
    }
    const parent = this.#root instanceof Document ? this.#root.documentElement : this.#root;
    const hold = new DeviceHold(parent, device, token, (message) => {
      for (const [iframe, standIn] of this.#standIns) {
        if (standIn.device === device) {
          this.#leave(iframe, message);
        }
      }
    });
    this.#devices.set(device, hold);
    return hold;
  }

  #dropDevices(): void {
    const used = new Set([...this.#standIns.values()].map(({ device }) => device));
    for (const [device, hold] of this.#devices) {
      if (!used.has(device)) {
        hold.release();
        this.#devices.delete(device);
      }
    }
  }

  #add(iframe: HTMLIFrameElement, page: CameraPage): StandIn {
    const standIn = new StandIn(iframe, page, (reason) => this.#leave(iframe, reason));
    this.#standIns.set(iframe, standIn);
    return standIn;
  }

  /** Restores an iframe for good. With a reason it failed as a tile and loads its page again; without one it has a new page. */
  #leave(iframe: HTMLIFrameElement, reason: string | null): void {
    this.#left.set(iframe, iframe.src);
    this.#remove(iframe, reason !== null);
    if (reason !== null) {
      console.warn(`An iframe was left as it is: ${reason}`, iframe);
    }
  }

  #remove(iframe: HTMLIFrameElement, reload: boolean): void {
    const standIn = this.#standIns.get(iframe);
    if (standIn) {
      this.#standIns.delete(iframe);
      this.#boxes.remove(standIn);
      standIn.release(reload);
    }
  }

  #isOurs(node: Node): boolean {
    return (
      node instanceof HTMLElement &&
      ('multistreamBox' in node.dataset || node.parentElement?.dataset.multistreamBox !== undefined)
    );
  }

  /** Fits all boxes at the next frame, at most once a frame: a page may animate the surroundings. */
  readonly #fitSoon = () => {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#boxes.fit([...this.#standIns.values()]);
    });
  };
}
