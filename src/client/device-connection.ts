import type { ConnectionError } from './errors.ts';
import { defaultPcConfig, type MultiStreamClientOptions } from './multistream-client.ts';
import { type RetryPolicy, retryDelay } from './retry.ts';
import { failed, Session, type SlotObserver, type Wish } from './session.ts';

export type { SlotObserver, Wish };

/** `idle`: nobody wishes for anything. `waiting`: lost, the next attempt is due. `closed` is for good. */
export type ConnectionState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export interface DeviceConnectionOptions extends Omit<MultiStreamClientOptions, 'onClosed'> {
  /** Slots to ask for beyond the wished ones, so that the wall can grow without a new session: this many in all. */
  maxSlots?: number;
  retry?: RetryPolicy;
}

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
  /** One transport for all is gathered and opened sooner than one for each. */
  #bundlePolicy: RTCBundlePolicy = 'max-bundle';
  #scheduled = false;
  #attempt = 0;
  #openedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

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
      if (homeless.length > 0 && this.#next === null) {
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
        pcConfig: { bundlePolicy: this.#bundlePolicy, ...(this.#options.pcConfig ?? defaultPcConfig) },
        onClosed: (error) => this.#onLost(session, error),
      },
      this.#wishes,
      this.#maxSlots,
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

  #onRefused(session: Session, error: ConnectionError, homeless: SlotObserver[]): void {
    if (error.reason === 'refused' && session.hasSpares) {
      this.#maxSlots = 0;
      this.#open(homeless);
    } else if (this.#session === null) {
      this.#retry(error);
    } else {
      // The wall did not grow; what plays goes on.
      for (const observer of homeless) {
        observer.onStatus(failed(observer.index ?? -1, this.#wishes.get(observer) ?? null, error.message));
      }
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
    this.#become('waiting', error);
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
    if (state !== this.#state || error !== this.#error) {
      this.#state = state;
      this.#error = error;
      for (const listener of [...this.#listeners]) {
        listener(state, error);
      }
    }
  }
}
