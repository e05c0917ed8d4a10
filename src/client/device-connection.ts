import { Access } from './access.ts';
import { ConnectionError } from './errors.ts';
import { createSession } from './modes.ts';
import type { MultiStreamClientOptions } from './options.ts';
import { type RetryPolicy, retryDelay } from './retry.ts';
import { RetryTimer } from './retry-timer.ts';
import {
  type ActiveMode,
  checkMode,
  type Mode,
  type Session,
  type SlotObserver,
  type Sound,
  type Wish,
} from './session.ts';
import { SessionTerms } from './session-terms.ts';
import { refuse } from './shared-session.ts';
import { onWake } from './wake.ts';

export type { ActiveMode, Mode, SlotObserver, Sound, Wish };

/** `idle`: there is no wish. `waiting`: the connection is lost, and the next attempt is due. `closed` is final. */
export type ConnectionState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export type StateListener = (state: ConnectionState, error: ConnectionError | null) => void;

export interface DeviceConnectionOptions extends Omit<MultiStreamClientOptions, 'onClosed' | 'onMoving'> {
  /** How the device is played; by default `auto`: what it can do best. */
  mode?: Mode | undefined;
  /** Slots to ask for beyond the wished ones, so that the wall can grow without a new session: this many in all. */
  maxSlots?: number | undefined;
  retry?: RetryPolicy;
}

/**
 * How long (ms) a session has to live before the retries start anew when it is lost, and before it follows its device's wish
 * to go elsewhere, which devices repeat. A device that ends each session at once is left alone for longer and longer.
 */
const goodSession = 1000;
/** How long (ms) an attempt at WebRTC may take while pictures come over the WebSocket. */
const patience = 8000;
/**
 * How long (ms) after the session was opened there is the first one, and how long between two at the most. The first comes
 * soon: a computer that has just changed its network may have an address before it has a way, and Chromium (156) then makes
 * a peer connection that never gets a candidate.
 */
const firstAttempt = 5000;
const longestPause = 120_000;

/** A session on its way; null until its code is there. */
interface Opening {
  session: Session | null;
}

/**
 * The connection to one device as a wall sees it: wishes go in, tracks and statuses come out, and sessions come and go
 * behind it. Sessions are replayed from the wishes, so nothing has to be remembered when one is lost.
 */
export class DeviceConnection {
  readonly url: string;
  readonly #options: DeviceConnectionOptions;
  readonly #wishes = new Map<SlotObserver, Wish>();
  /** Holds the wishes for which the device has no room in one session. */
  #overflow: DeviceConnection | null = null;
  readonly #listeners = new Set<StateListener>();
  #state: ConnectionState = 'idle';
  #error: ConnectionError | null = null;
  /** The session that plays. */
  #session: Session | null = null;
  /** The session that is being opened: the first one, or one that replaces `#session`. */
  #next: Opening | null = null;
  #activeMode: ActiveMode | null = null;
  readonly #terms: SessionTerms;
  readonly #access: Access;
  readonly #retry: RetryPolicy;
  readonly #retries: RetryTimer;
  /** Whose sound is to be heard. */
  #heard: SlotObserver | null = null;
  #scheduled = false;
  #openedAt = 0;
  #sleep: (() => void) | null = null;

  /**
   * @param first the connection to the same device that has no more room
   * @throws {TypeError} where `options.mode` is none
   */
  constructor(url: string, options: DeviceConnectionOptions = {}, first?: DeviceConnection) {
    this.url = url;
    this.#options = options;
    this.#terms = first === undefined ? new SessionTerms(url, checkMode(options.mode ?? 'auto')) : first.#terms;
    this.#access = first === undefined ? new Access(url, options.authorize) : first.#access;
    this.#retry = options.retry ?? retryDelay;
    this.#retries = new RetryTimer(this.#retry, () => this.#next === null && this.#open([]));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Why there is no session, while there is none. */
  get error(): ConnectionError | null {
    return this.#error;
  }

  /** How the device is played; null until it is, and without a session. */
  get activeMode(): ActiveMode | null {
    return this.#session && this.#activeMode;
  }

  /** Returns the address of a path on the device, such as `api/streams`, with the page's token; null if its URL is invalid. */
  address(path: string): URL | null {
    return this.#access.address(path);
  }

  /** Returns a function that unsubscribes. */
  subscribe(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sets what `observer` wants to see from now on, whatever happens to the connection. */
  want(observer: SlotObserver, wish: Wish): void {
    const known = this.#holderOf(observer);
    if (!known && this.#session && this.#wishes.size >= this.#session.size) {
      // One more wish costs a new session.
      [...this.#wishes.keys()].some((other) => other.giveWay?.());
    }
    const holder = known ?? (this.#wishes.size < this.#terms.limit ? this : this.#more);
    if (holder === this) {
      this.#wishes.set(observer, wish);
      this.#schedule();
    } else {
      holder.want(observer, wish);
    }
  }

  release(observer: SlotObserver): void {
    this.listen(observer, false);
    if (!this.#wishes.delete(observer)) {
      this.#overflow?.release(observer);
    }
    this.#schedule();
  }

  /** Warms streams that are wanted next, if the device can; see `MultiStreamClient.prepare`. Each session takes as many as it has slots. */
  prepare(streams: readonly Wish[], left?: readonly Wish[]): void {
    // Wishes that are still on their way go out first: a tour would have cameras left that the tiles then open.
    this.state === 'open' && this.#settle();
    const { size = 0 } = this.#session ?? {};
    this.#session?.prepare?.(streams.slice(0, size), left);
    this.#overflow?.prepare(streams.slice(size), left);
  }

  /** Lets `observer` be heard instead of another one, whatever happens to the connection; or no longer. */
  listen(observer: SlotObserver, isHeard = true): void {
    const before = this.#heard;
    if (isHeard !== (before === observer)) {
      this.#hear(isHeard ? observer : null);
      before?.onSound?.(null);
    }
  }

  /** Tells each session: the session that shows `observer` sends its sound, the others none. */
  #hear(observer: SlotObserver | null): void {
    this.#heard = observer;
    this.#session?.listen?.(observer);
    const overflow = this.#overflow;
    if (overflow) {
      overflow.#hear(observer);
    }
  }

  /** Asks for a key frame of what `observer` shows. */
  refresh(observer: SlotObserver): void {
    this.#sessionOf(observer)?.refresh(observer);
  }

  /** Tells the device again what `observer` wants. */
  repeat(observer: SlotObserver): void {
    this.#sessionOf(observer)?.repeat(observer);
  }

  /** Statistics of the track that `observer` shows; null while there is none. */
  getStats(observer: SlotObserver): Promise<RTCStatsReport | null> {
    return this.#sessionOf(observer)?.getStats(observer) ?? Promise.resolve(null);
  }

  /** Replaces the session by a new one: at once where none plays, and else when the new one does. */
  reconnect(): void {
    this.#overflow?.reconnect();
    if (this.#next === null && this.state !== 'idle' && this.state !== 'closed') {
      this.#retries.reset();
      this.#open([]);
    }
  }

  close(): void {
    this.#overflow?.close();
    this.#wishes.clear();
    this.#end('closed', null);
  }

  /** Whether there is no wish, here and behind it: the first session stays open as long as a tile needs one of the wall's. */
  get #isUnused(): boolean {
    const overflow = this.#overflow;
    return this.#wishes.size === 0 && (overflow === null || overflow.#isUnused);
  }

  /** The connection that holds the wish of this observer, this one or one behind it. */
  #holderOf(observer: SlotObserver): DeviceConnection | null {
    if (this.#wishes.has(observer)) {
      return this;
    }
    const overflow = this.#overflow;
    return overflow === null ? null : overflow.#holderOf(observer);
  }

  #sessionOf(observer: SlotObserver): Session | null {
    const holder = this.#holderOf(observer);
    return holder === null ? null : holder.#session;
  }

  get #more(): DeviceConnection {
    if (this.#overflow === null) {
      const overflow = new DeviceConnection(this.url, this.#options, this);
      // The wall has one state, that of its first session: what another one lacks, its tiles say.
      overflow.subscribe((state, error) => {
        if (error) {
          overflow.#turnAway(overflow.#wishes.keys(), error);
        }
        if (state === 'closed') {
          // It has given up; the next wish begins anew.
          this.#overflow = null;
        }
      });
      this.#overflow = overflow;
      overflow.#heard = this.#heard;
    }
    return this.#overflow;
  }

  /** Hands on the wishes that the device does not take in this session. */
  #spill(observers: SlotObserver[]): void {
    for (const observer of observers) {
      const wish = this.#wishes.get(observer);
      // One stays: where all are left out, another session would leave them out, too.
      if (wish && this.#wishes.size > 1) {
        this.#wishes.delete(observer);
        this.#more.want(observer, wish);
      }
    }
  }

  /** All wishes of one task share one `init`; a switch on an open session does not wait for a timer. */
  #schedule(): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      const run = () => {
        this.#scheduled = false;
        this.#settle();
      };
      this.state === 'open' ? queueMicrotask(run) : setTimeout(run);
    }
  }

  #settle(): void {
    if (this.state === 'closed') {
      return;
    }
    if (this.#isUnused) {
      this.#retries.reset();
      this.#end('idle', null);
    } else if (this.#session) {
      const homeless = this.#session.settle(this.#wishes);
      this.#session.listen?.(this.#heard);
      if (homeless.length > 0 && this.#next === null) {
        this.#open(homeless);
      }
    } else if (this.state === 'idle') {
      this.#open([]);
    }
  }

  /**
   * @param homeless observers that did not fit into the present session
   * @param waited for an attempt, while another session plays and goes on if this one fails: milliseconds since the one before
   */
  async #open(homeless: SlotObserver[], mode: ActiveMode = this.#terms.firstMode, waited?: number): Promise<void> {
    const { pcConfig, maxSlots } = this.#options;
    const opening: Opening = { session: null };
    let leftOut: SlotObserver[] = [];
    const size = Math.max(this.#terms.size(maxSlots), this.#wishes.size);
    this.#next = opening;
    if (this.#session === null) {
      this.#become('connecting', this.error);
    }
    try {
      opening.session = await createSession(mode, {
        url: this.url,
        size,
        replaces: this.#session !== null,
        retry: this.#retry,
        options: {
          readyTimeout: this.#terms.readyTimeout,
          mediaTimeout: waited ? patience : this.#terms.mediaTimeout,
          ...this.#options,
          authorize: this.#access.authorize,
          pcConfig: { bundlePolicy: this.#terms.bundlePolicy, ...pcConfig },
          onMoving: () => this.#age > goodSession && this.reconnect(),
          onClosed: (error) => this.#onLost(opening.session, error),
        },
      });
      if (this.#next === opening) {
        leftOut = await opening.session.connect(this.#wishes);
      }
    } catch (error) {
      if (this.#next === opening) {
        this.#next = null;
        waited && this.#session
          ? this.#attemptLater(Math.min(2 * waited, longestPause))
          : this.#onRefused(mode, size, ConnectionError.of(error), homeless);
      }
      return;
    }
    if (this.#next === opening) {
      this.#next = null;
      this.#session?.close(true);
      this.#session = opening.session;
      this.#activeMode = mode;
      this.#terms.accept(mode);
      this.#openedAt = performance.now();
      this.#attemptLater(firstAttempt);
      this.#become('open', null);
      // Sessions of their own try these streams again, as the device may have them by then.
      this.#spill(leftOut);
      this.#settle();
    }
  }

  /** Tries WebRTC again after `delay` milliseconds, if `auto` plays over the WebSocket then. */
  #attemptLater(delay: number): void {
    this.#retries.wait(delay, () => {
      if (this.#next === null && this.activeMode === 'socket' && this.#terms.mediaTimeout) {
        this.#open([], 'multistream', delay);
      }
    });
  }

  #onRefused(mode: ActiveMode, size: number, error: ConnectionError, homeless: SlotObserver[]): void {
    const next = this.#terms.modeAfter(mode, error);
    if (next) {
      this.#open(homeless, next);
    } else if (this.#terms.learn(error, size, this.#wishes.size)) {
      this.#spill([...this.#wishes.keys()].slice(this.#terms.limit));
      if (this.#session === null || this.#session.size < this.#terms.limit) {
        this.#open(homeless);
      }
    } else if (this.#session) {
      // The present session goes on: the wall did not grow, or the next session is not available yet.
      this.#turnAway(homeless, error);
      homeless.length === 0 && error.reason !== 'refused' && this.#retries.schedule();
    } else {
      this.#tryLater(error);
    }
  }

  #turnAway(homeless: Iterable<SlotObserver>, { message, code }: ConnectionError): void {
    for (const observer of homeless) {
      const wish = this.#wishes.get(observer);
      wish && refuse(observer, wish, message, code);
    }
  }

  /** How long (ms) the newest session has been open. */
  get #age(): number {
    return performance.now() - this.#openedAt;
  }

  #onLost(session: Session | null, error: ConnectionError): void {
    if (session !== this.#session) {
      return;
    }
    this.#session = null;
    if (this.#age > goodSession) {
      this.#retries.reset();
    }
    if (this.#next === null) {
      this.#tryLater(error);
    } else {
      this.#become('connecting', error);
    }
  }

  #tryLater(error: ConnectionError): void {
    if (!error.retryable || !this.#retries.schedule()) {
      this.#end('closed', error);
      return;
    }
    const isUnreachable = error.reason === 'unreachable';
    const words = (isUnreachable && this.#access.explanation) || error;
    this.#become('waiting', words);
    if (isUnreachable) {
      this.#access.explain(error).then((found) => found && this.error === words && this.#become(this.state, found));
    }
  }

  /**
   * The page is visible again, or the network is back: due attempts start now, and doubtful sessions are replaced. After a
   * change of network, Chromium (156) calls the peer connection and the WebSocket of the old address open for many seconds.
   */
  #wake(isOnline: boolean): void {
    if (isOnline) {
      this.#terms.reconsider();
      this.#next?.session?.close();
      this.#next = null;
    }
    if (isOnline || this.state === 'waiting' || (this.#session && !this.#session.isHealthy)) {
      this.reconnect();
    }
  }

  #end(state: 'idle' | 'closed', error: ConnectionError | null): void {
    this.#retries.cancel();
    const sessions = [this.#session, this.#next?.session];
    this.#session = this.#next = null;
    for (const session of sessions) {
      session?.close();
    }
    this.#become(state, error);
  }

  #become(state: ConnectionState, error: ConnectionError | null): void {
    // An idle or closed connection has nothing to wake up for.
    const rests = state === 'idle' || state === 'closed';
    if (rests) {
      this.#sleep?.();
      this.#sleep = null;
    } else {
      this.#sleep ??= onWake((isOnline) => this.#wake(isOnline));
    }
    if (state !== this.#state || error !== this.#error) {
      this.#state = state;
      this.#error = error;
      for (const listener of [...this.#listeners]) {
        listener(state, error);
      }
    }
  }
}
