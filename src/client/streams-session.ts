import type { ConnectionError } from './errors.ts';
import type { Session, SessionSetup, SlotObserver, Wishes } from './session.ts';
import { StreamSwitcher } from './stream-switcher.ts';

/** A device that plays one stream a connection: each observer has a switcher of its own. */
export class StreamsSession implements Session {
  readonly size = Number.POSITIVE_INFINITY;
  readonly #setup: SessionSetup;
  readonly #switchers = new Map<SlotObserver, StreamSwitcher>();
  #token = '';
  #isClosed = false;
  /** The promise of `connect`; null once it is settled. */
  #attempt: { resolve(leftOut: SlotObserver[]): void; reject(error: ConnectionError): void } | null = null;

  constructor(setup: SessionSetup) {
    this.#setup = setup;
  }

  get isHealthy(): boolean {
    return [...this.#switchers.values()].some(({ isHealthy }) => isHealthy);
  }

  async connect(wishes: Wishes): Promise<SlotObserver[]> {
    this.#token = (await this.#setup.options.authorize?.()) ?? '';
    return new Promise((resolve, reject) => {
      if (!this.#isClosed) {
        this.#attempt = { resolve, reject };
        this.settle(wishes);
      }
    });
  }

  settle(wishes: Wishes): SlotObserver[] {
    for (const [observer, switcher] of this.#switchers) {
      if (!wishes.has(observer)) {
        switcher.close();
        this.#switchers.delete(observer);
      }
    }
    for (const [observer, wish] of wishes) {
      const switcher = this.#switchers.get(observer);
      if (switcher) {
        switcher.want(wish);
      } else {
        const slot = observer.index ?? this.#switchers.size;
        const events = {
          onAnswered: () => this.#onAnswered(),
          onFailed: (error: ConnectionError) => this.#onFailed(error),
        };
        this.#switchers.set(observer, new StreamSwitcher(observer, slot, wish, this.#token, this.#setup, events));
      }
    }
    return [];
  }

  /** The browser asks go2rtc for key frames by itself. */
  refresh(): void {}

  repeat(observer: SlotObserver): void {
    this.#switchers.get(observer)?.repeat();
  }

  listen(heard: SlotObserver | null): void {
    for (const [observer, switcher] of this.#switchers) {
      switcher.listen(observer === heard);
    }
  }

  getStats(observer: SlotObserver): Promise<RTCStatsReport | null> {
    return this.#switchers.get(observer)?.getStats() ?? Promise.resolve(null);
  }

  close(): void {
    this.#isClosed = true;
    for (const [observer, switcher] of this.#switchers) {
      // A session that takes its place may count on tracks that go on, and these do not.
      observer.onTrackEnd?.();
      switcher.close();
    }
    this.#switchers.clear();
    this.#attempt = null;
  }

  #onAnswered(): void {
    this.#attempt?.resolve([]);
    this.#attempt = null;
  }

  /** Where one switcher is cut off, it tries again by itself; where all are, it is the device that cannot be reached. */
  #onFailed(error: ConnectionError): void {
    if ([...this.#switchers.values()].every(({ isCutOff }) => isCutOff)) {
      const attempt = this.#attempt;
      this.close();
      attempt ? attempt.reject(error) : this.#setup.options.onClosed?.(error);
    }
  }
}
