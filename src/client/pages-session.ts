import type { Session, SessionSetup, SlotObserver, Wish, Wishes } from './session.ts';
import { parts } from './single-stream-parts.ts';

/** A session of embedded pages of the device, one for each stream. Their state is unknown outside of them. */
export class PagesSession implements Session {
  readonly size = Number.POSITIVE_INFINITY;
  readonly isHealthy = true;
  readonly #setup: SessionSetup;
  readonly #told = new Map<SlotObserver, string>();
  #token = '';
  #isClosed = false;

  constructor(setup: SessionSetup) {
    this.#setup = setup;
  }

  async connect(wishes: Wishes): Promise<SlotObserver[]> {
    this.#token = (await this.#setup.options.authorize?.()) ?? '';
    return this.#isClosed ? [] : this.settle(wishes);
  }

  settle(wishes: Wishes): SlotObserver[] {
    for (const observer of this.#told.keys()) {
      if (!wishes.has(observer)) {
        this.#told.delete(observer);
      }
    }
    for (const [observer, wish] of wishes) {
      const name = parts.resolveStreamName(wish.stream, wish.quality);
      if (this.#told.get(observer) !== name) {
        this.#show(observer, wish, name);
      }
    }
    return [];
  }

  /** A page plays by itself. */
  refresh(): void {}

  repeat(observer: SlotObserver): void {
    const name = this.#told.get(observer);
    if (name !== undefined) {
      observer.onPage?.(this.#address(name));
    }
  }

  getStats(): Promise<null> {
    return Promise.resolve(null);
  }

  close(): void {
    this.#isClosed = true;
    this.#told.clear();
  }

  #show(observer: SlotObserver, { quality }: Wish, name: string): void {
    this.#told.set(observer, name);
    const status = { slot: observer.index ?? this.#told.size - 1, stream: name, ...(quality && { quality }) };
    if (observer.onPage) {
      observer.onPage(this.#address(name));
      observer.onStatus({ ...status, status: 'active' });
    } else {
      observer.onStatus({ ...status, status: 'error', error: 'this viewer shows no pages' });
    }
  }

  #address(name: string): string {
    const address = parts.deviceAddress(this.#setup.url, 'stream.html');
    address.searchParams.set('src', name);
    if (this.#token !== '') {
      address.searchParams.set('token', this.#token);
    }
    return address.href;
  }
}
