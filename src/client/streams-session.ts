import type { ConnectionError } from './errors.ts';
import type { Parts } from './modes.ts';
import type { Session, SessionSetup, SlotObserver, Wishes } from './session.ts';
import { StreamFeed } from './stream-feed.ts';

/** A device that plays one stream a connection: each observer has a feed of its own. */
export class StreamsSession implements Session {
  readonly size = Number.POSITIVE_INFINITY;
  readonly #setup: SessionSetup;
  readonly #parts: Parts;
  readonly #feeds = new Map<SlotObserver, StreamFeed>();
  #token = '';
  #isClosed = false;
  /** Of `connect`; null once that is settled. */
  #attempt: { resolve(): void; reject(error: ConnectionError): void } | null = null;

  constructor(setup: SessionSetup, parts: Parts) {
    this.#setup = setup;
    this.#parts = parts;
  }

  get isHealthy(): boolean {
    return [...this.#feeds.values()].some(({ isHealthy }) => isHealthy);
  }

  async connect(): Promise<void> {
    this.#token = (await this.#setup.options.authorize?.()) ?? '';
    return new Promise((resolve, reject) => {
      if (!this.#isClosed) {
        this.#attempt = { resolve, reject };
        this.settle(this.#setup.wishes);
      }
    });
  }

  settle(wishes: Wishes): SlotObserver[] {
    for (const [observer, feed] of this.#feeds) {
      if (!wishes.has(observer)) {
        feed.close();
        this.#feeds.delete(observer);
      }
    }
    for (const [observer, wish] of wishes) {
      const feed = this.#feeds.get(observer);
      if (feed) {
        feed.want(wish);
      } else {
        const slot = observer.index ?? this.#feeds.size;
        const events = {
          onAnswered: () => this.#onAnswered(),
          onFailed: (error: ConnectionError) => this.#onFailed(error),
        };
        this.#feeds.set(observer, new StreamFeed(observer, slot, wish, this.#token, this.#setup, this.#parts, events));
      }
    }
    return [];
  }

  /** Nobody but the browser asks go2rtc for a key frame, and it does so by itself. */
  refresh(): void {}

  repeat(observer: SlotObserver): void {
    this.#feeds.get(observer)?.repeat();
  }

  getStats(observer: SlotObserver): Promise<RTCStatsReport | null> {
    return this.#feeds.get(observer)?.getStats() ?? Promise.resolve(null);
  }

  close(): void {
    this.#isClosed = true;
    for (const feed of this.#feeds.values()) {
      feed.close();
    }
    this.#feeds.clear();
    this.#attempt = null;
  }

  #onAnswered(): void {
    this.#attempt?.resolve();
    this.#attempt = null;
  }

  /** Where one feed is cut off, it tries again by itself; where all are, it is the device that cannot be reached. */
  #onFailed(error: ConnectionError): void {
    if ([...this.#feeds.values()].every(({ isCutOff }) => isCutOff)) {
      const attempt = this.#attempt;
      this.close();
      attempt ? attempt.reject(error) : this.#setup.options.onClosed?.(error);
    }
  }
}
