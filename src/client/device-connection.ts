import { ConnectionError } from './errors.ts';
import type { DeviceConnectionOptions } from './options.ts';
import { retryDelay } from './retry.ts';
import { failed, Session, type SlotObserver, type Wish, type Wishes } from './session.ts';
import { onWake } from './wake.ts';

export type { DeviceConnectionOptions, SlotObserver, Wish };

/** `idle`: nobody wishes for anything. `waiting`: lost, the next attempt is due. `closed` is for good. */
export type ConnectionState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export type StateListener = (state: ConnectionState, error: ConnectionError | null) => void;

/** The seed's default for a device; one that allows fewer refuses, and is then asked for the wished ones only. */
const defaultMaxSlots = 9;
/** A session that lived this long (ms) was a good one: the retries start anew. */
const goodSession = 5000;

/**
 * The connection to one device as a wall sees it: wishes go in, tracks and statuses come out, and sessions come and go
 * behind it. Sessions are replayed from the wishes, so nothing has to be remembered when one is lost.
 */
export class DeviceConnection {
  readonly url: string;
  readonly #options: DeviceConnectionOptions;
  readonly #wishes = new Map<SlotObserver, Wish>();
  readonly #listeners = new Set<StateListener>();
  #state: ConnectionState = 'idle';
  #error: ConnectionError | null = null;
  /** The session that plays. */
  #session: Session | null = null;
  /** The session that is being opened: the first one, or a larger one that replaces `#session`. */
  #next: Session | null = null;
  #maxSlots: number;
  /** How many slots the device allows, once it has refused more. */
  #limit = Number.POSITIVE_INFINITY;
  /** One transport for all is gathered and opened sooner than one for each. */
  #bundlePolicy: RTCBundlePolicy = 'max-bundle';
  #scheduled = false;
  #attempt = 0;
  #openedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sleep = () => {};
  /** The last one that `authorize` gave; empty until then, and when the device has refused it. */
  token = '';
  /** Better words for `unreachable`, from the last time. */
  #diagnosis: ConnectionError | null = null;

  constructor(url: string, options: DeviceConnectionOptions = {}) {
    this.url = url;
    this.#options = options;
    this.#maxSlots = options.maxSlots ?? defaultMaxSlots;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Why there is no session, while there is none. */
  get error(): ConnectionError | null {
    return this.#error;
  }

  /** Returns the way to unsubscribe. */
  subscribe(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What `observer` wants to see from now on, whatever happens to the connection. */
  want(observer: SlotObserver, wish: Wish): void {
    this.#wishes.set(observer, wish);
    this.#schedule();
  }

  release(observer: SlotObserver): void {
    if (this.#wishes.delete(observer)) {
      this.#schedule();
    }
  }

  /** Asks for a key frame of what `observer` shows. */
  refresh(observer: SlotObserver): void {
    this.#session?.refresh(observer);
  }

  /** Tells the device again what `observer` wants. */
  repeat(observer: SlotObserver): void {
    this.#session?.repeat(observer);
  }

  /** Statistics of the track that `observer` shows; null while there is none. */
  getStats(observer: SlotObserver): Promise<RTCStatsReport | null> {
    return this.#session?.getStats(observer) ?? Promise.resolve(null);
  }

  /** Replaces the session by a new one: at once where none plays, and else when the new one does. */
  reconnect(): void {
    if (this.#session && this.#next === null) {
      this.#open([]);
    } else if (this.#state === 'waiting') {
      this.#attempt = 0;
      clearTimeout(this.#timer);
      this.#open([]);
    }
  }

  close(): void {
    this.#wishes.clear();
    this.#end('closed', null);
    this.#listeners.clear();
  }

  /** All wishes of one task share one `init`; a switch on an open session does not wait for a timer. */
  #schedule(): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      const run = () => {
        this.#scheduled = false;
        this.#settle();
      };
      this.#state === 'open' ? queueMicrotask(run) : setTimeout(run);
    }
  }

  #settle(): void {
    if (this.#state === 'closed') {
      return;
    }
    if (this.#wishes.size === 0) {
      this.#attempt = 0;
      this.#end('idle', null);
    } else if (this.#session) {
      const homeless = this.#session.settle(this.#wishes);
      if (homeless.length > 0 && this.#session.size >= this.#limit) {
        this.#turnAway(homeless);
      } else if (homeless.length > 0 && this.#next === null) {
        this.#open(homeless);
      }
    } else if (this.#state === 'idle') {
      this.#open([]);
    }
  }

  async #open(homeless: SlotObserver[]): Promise<void> {
    const session: Session = new Session(
      this.url,
      {
        ...this.#options,
        authorize: this.#options.authorize && (() => this.#authorize()),
        pcConfig: { bundlePolicy: this.#bundlePolicy, ...this.#options.pcConfig },
        onClosed: (error) => this.#onLost(session, error),
      },
      this.#allowed(),
      Math.min(this.#maxSlots, this.#limit),
    );
    this.#next = session;
    if (this.#session === null) {
      this.#become('connecting', this.#error);
    }
    try {
      await session.connect();
    } catch (error) {
      if (this.#next === session) {
        this.#next = null;
        this.#onRefused(session, error as ConnectionError, homeless);
      }
      return;
    }
    if (this.#next === session) {
      this.#next = null;
      this.#session?.close();
      this.#session = session;
      this.#openedAt = performance.now();
      this.#become('open', null);
      this.#settle();
    }
  }

  async #authorize(): Promise<string> {
    this.token ||= (await this.#options.authorize?.()) ?? '';
    return this.token;
  }

  /** Finds out why the device is not to be reached, while the next attempt is due. */
  async #explain(error: ConnectionError): Promise<void> {
    const { diagnose } = await import('./diagnosis.ts');
    const found = await diagnose(this.url, this.token);
    this.#diagnosis = found && new ConnectionError(found.reason, found.message, error);
    if (found?.reason === 'unauthorized') {
      this.token = '';
    }
    if (this.#diagnosis && this.#error === error) {
      this.#become(this.#state, this.#diagnosis);
    }
  }

  /** Those who came first, where the device has not enough slots for all. */
  #allowed(): Wishes {
    return new Map([...this.#wishes].slice(0, this.#limit));
  }

  #onRefused(session: Session, error: ConnectionError, homeless: SlotObserver[]): void {
    const limit = error.slotLimit;
    if (limit !== null && limit < session.size && limit > 0) {
      this.#limit = limit;
      this.#session ? this.#turnAway(homeless) : this.#open([]);
    } else if (error.reason === 'refused' && session.size > this.#allowed().size) {
      // It does not say how many it allows: no spare ones, then.
      this.#maxSlots = 0;
      this.#open(homeless);
    } else if (this.#session === null) {
      this.#retry(error);
    } else {
      // The wall did not grow; what plays goes on.
      this.#turnAway(homeless, error.message);
    }
  }

  #turnAway(homeless: readonly SlotObserver[], reason = `too many slots: the device shows ${this.#limit} at a time`) {
    for (const observer of homeless) {
      observer.onStatus(failed(observer.index ?? -1, this.#wishes.get(observer) ?? null, reason));
    }
  }

  #onLost(session: Session, error: ConnectionError): void {
    if (session !== this.#session) {
      return;
    }
    this.#session = null;
    if (performance.now() - this.#openedAt > goodSession) {
      this.#attempt = 0;
    }
    if (this.#next === null) {
      this.#retry(error);
    } else {
      this.#become('connecting', error);
    }
  }

  #retry(error: ConnectionError): void {
    const delay = error.retryable ? (this.#options.retry ?? retryDelay)({ attempt: this.#attempt }) : null;
    if (delay === null) {
      this.#end('closed', error);
      return;
    }
    if (error.reason === 'media-failed') {
      // Chromium cannot bundle from the start with a device that rejects the first m-line.
      this.#bundlePolicy = 'balanced';
    }
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.#open([]), delay);
    if (error.reason === 'unreachable') {
      // A page that has only `ms-grid.js` does without.
      this.#explain(error).catch(() => {});
    }
    this.#become('waiting', (error.reason === 'unreachable' && this.#diagnosis) || error);
  }

  /** Somebody looks, or the network is back: what was due later is done now, and what is in doubt anew. */
  #wake(): void {
    if (this.#state === 'waiting' || (this.#session && !this.#session.isHealthy)) {
      this.reconnect();
    }
  }

  #end(state: 'idle' | 'closed', error: ConnectionError | null): void {
    clearTimeout(this.#timer);
    const sessions = [this.#session, this.#next];
    this.#session = this.#next = null;
    for (const session of sessions) {
      session?.close();
    }
    this.#become(state, error);
  }

  #become(state: ConnectionState, error: ConnectionError | null): void {
    if (state === this.#state && error === this.#error) {
      return;
    }
    const [slept, sleeps] = [isResting(this.#state), isResting(state)];
    this.#state = state;
    this.#error = error;
    if (sleeps) {
      this.#sleep();
    } else if (slept) {
      this.#sleep = onWake(() => this.#wake());
    }
    for (const listener of [...this.#listeners]) {
      listener(state, error);
    }
  }
}

/** There is nothing to wake up for. */
function isResting(state: ConnectionState): boolean {
  return state === 'idle' || state === 'closed';
}
