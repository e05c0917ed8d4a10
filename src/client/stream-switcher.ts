import type { ErrorCode, SlotState, SlotStatus } from '../protocol/messages.ts';
import type { ConnectionError } from './errors.ts';
import type { RetryTimer } from './retry-timer.ts';
import type { SessionSetup, SlotObserver, Wish } from './session.ts';
import { parts } from './single-stream-parts.ts';
import { StreamPlayer } from './stream-player.ts';

export interface SwitcherEvents {
  /** The device plays, or says why it does not; or nothing is asked of it. */
  onAnswered(): void;
  /** There is no way to the device, as far as this switcher can tell; it will try again. */
  onFailed(error: ConnectionError): void;
}

/** Feeds one observer from its own connections: the present one, and the next one until that has a picture. */
export class StreamSwitcher {
  readonly #observer: SlotObserver;
  readonly #slot: number;
  readonly #token: string;
  readonly #setup: SessionSetup;
  readonly #events: SwitcherEvents;
  readonly #retries: RetryTimer;
  #wish: Wish;
  #playing: StreamPlayer | null = null;
  #next: StreamPlayer | null = null;
  #isCutOff = false;
  #isHeard = false;

  constructor(
    observer: SlotObserver,
    slot: number,
    wish: Wish,
    token: string,
    setup: SessionSetup,
    events: SwitcherEvents,
  ) {
    this.#observer = observer;
    this.#slot = slot;
    this.#token = token;
    this.#setup = setup;
    this.#events = events;
    this.#wish = wish;
    this.#retries = new parts.RetryTimer(setup.retry, () => this.#open());
    this.#begin();
  }

  /** Nothing that it knows says that the device can be reached. */
  get isCutOff(): boolean {
    return this.#isCutOff || this.#wish.paused === true;
  }

  /** Whether it gets what it should. */
  get isHealthy(): boolean {
    return this.#wish.paused === true || this.#playing?.isHealthy === true;
  }

  want(wish: Wish): void {
    const { stream, quality, paused = false } = this.#wish;
    if (wish.stream !== stream || wish.quality !== quality || (wish.paused ?? false) !== paused) {
      this.#wish = wish;
      this.#begin();
    }
  }

  /** Takes a new connection for the same. */
  repeat(): void {
    if (!this.#wish.paused) {
      this.#begin();
    }
  }

  /** Lets the sound be heard, or no longer, by another connection: a connection is offered with sound or without it. */
  listen(isHeard: boolean): void {
    if (isHeard !== this.#isHeard) {
      this.#isHeard = isHeard;
      this.repeat();
    }
  }

  getStats(): Promise<RTCStatsReport | null> {
    return this.#playing?.getStats() ?? Promise.resolve(null);
  }

  close(): void {
    this.#retries.cancel();
    this.#playing?.close();
    this.#next?.close();
    this.#playing = this.#next = null;
  }

  #begin(): void {
    this.#retries.reset();
    if (this.#wish.paused) {
      this.close();
      this.#observer.onTrackEnd?.();
      this.#say('paused');
      this.#events.onAnswered();
    } else {
      this.#open();
    }
  }

  #open(): void {
    this.#next?.close();
    const { stream, quality } = this.#wish;
    const name = parts.resolveStreamName(stream, quality);
    const player: StreamPlayer = new StreamPlayer(name, this.#token, this.#isHeard, this.#setup, {
      onPlaying: () => this.#take(player),
      onSound: () => player === this.#playing && this.#tellSound(player),
      onShape: () => player === this.#playing && this.#next === null && this.#say('active'),
      onFailed: (error) => this.#onFailed(player, error),
    });
    this.#next = player;
    // The picture that plays stays until there is one to take its place.
    if (this.#playing === null && player.track) {
      this.#observer.onTrack(player.track);
    }
    this.#say('buffering');
  }

  #take(player: StreamPlayer): void {
    if (player === this.#next && player.track) {
      const old = this.#playing;
      this.#playing = player;
      this.#next = null;
      this.#isCutOff = false;
      this.#retries.reset();
      this.#observer.onTrack(player.track);
      old?.close();
      this.#tellSound(player);
      this.#say('active');
      this.#events.onAnswered();
    }
  }

  #tellSound({ sound }: StreamPlayer): void {
    this.#isHeard && this.#observer.onSound?.(sound);
  }

  #onFailed(player: StreamPlayer, error: ConnectionError): void {
    if (player === this.#next) {
      this.#next = null;
    } else if (player === this.#playing) {
      this.#playing = null;
      this.#observer.onTrackEnd?.();
      if (this.#next) {
        this.#say('buffering');
        return;
      }
    }
    if (error.reason === 'refused') {
      this.#isCutOff = false;
      this.#onRefused(error.detail.replace(/^webrtc\/\w+: /, ''), error.code);
      this.#events.onAnswered();
    } else {
      this.#isCutOff = this.#playing === null;
      this.#say('buffering');
      this.#retries.schedule();
      this.#events.onFailed(error);
    }
  }

  #onRefused(reason: string, code: ErrorCode | undefined): void {
    if (code !== 'stream-not-found') {
      // The camera, and not the name: it may be there the next time.
      this.#say('offline', reason, code);
      this.#retries.schedule();
      return;
    }
    const status = this.#say('error', reason, code);
    if (this.#playing) {
      this.#observer.onSwitchFailed(new parts.SwitchError('error', status));
      this.#observer.onStatus({ slot: this.#slot, stream: this.#playing.name, status: 'active' });
    }
  }

  #say(state: SlotState, reason?: string, code?: ErrorCode): SlotStatus {
    const { stream, quality } = this.#wish;
    const status: SlotStatus = {
      slot: this.#slot,
      stream: parts.resolveStreamName(stream, quality),
      status: state,
      ...(state === 'active' && this.#playing?.shape),
      ...(quality && { quality }),
      ...(reason && { error: reason }),
      ...(code && { code }),
    };
    this.#observer.onStatus(status);
    return status;
  }
}
