import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { DeviceConnection, SlotObserver, Sound, Wish } from '../client/device-connection.ts';
import type { SwitchError } from '../client/errors.ts';
import type { SlotTrack } from '../client/media.ts';
import type { SlotStatus } from '../protocol/messages.ts';
import { resolveStreamName } from '../protocol/stream-name.ts';
import { MsErrorEvent, MsStatusEvent, MsSwitchEvent } from './events.ts';
import type { nextKeyFrame } from './extras/key-frame.ts';
import { Picture } from './picture.ts';
import type { SwitchTimes } from './slot-stats.ts';

type Host = ReactiveControllerHost & Element & { readonly place: number | undefined };

/**
 * A frame that came this long (ms) before the status `active` may be the new stream's first: they travel different ways.
 * It is less than half the time between two frames, so that an old frame is not taken for it. Used only for a device
 * that does not say which frame is the first.
 */
const wordAfterFrame = 10;

/** Connects a tile to its slot: passes the wish to the connection, and tracks and statuses to the picture. */
export class SlotView implements SlotObserver, ReactiveController {
  readonly picture = new Picture();
  readonly #host: Host;
  #connection: DeviceConnection | null = null;
  #unsubscribe: (() => void) | undefined;
  #wish: Wish = { stream: '', quality: '' };
  #wishedAt: number | null = null;
  #status: SlotStatus | null = null;
  #activeAt = 0;
  /** A frame of what the status calls active is on the screen. */
  presented = false;
  #shown: Wish | null = null;
  #firstAt = 0;
  lastSwitch: SwitchTimes | null = null;
  /** Why the wish failed. */
  failure: SwitchError | null = null;
  /** The device's last word about the sound; null before it has said anything. */
  sound: Sound | null = null;
  /** Another tile was asked to be heard instead. */
  isOutspoken = false;
  /** Waits for the browser's next key frame. Until the extras set it, the next frame of any kind counts. */
  awaitKeyFrame: typeof nextKeyFrame = () => Promise.resolve();
  /** Counts the waits for a frame: a later status makes an earlier wait stale. */
  #generation = 0;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  get index(): number | undefined {
    return this.#host.place;
  }

  /** The device's last status. */
  get status(): SlotStatus | null {
    return this.#status;
  }

  /** The stream in the picture; null before the first one. After a failed switch it differs from the wish. */
  get shown(): Wish | null {
    return this.#shown;
  }

  get connection(): DeviceConnection | null {
    return this.#connection;
  }

  get wish(): Wish {
    return this.#wish;
  }

  /** The wished stream's name at the device. */
  get wishedName(): string {
    return resolve(this.#wish);
  }

  getStats(): Promise<RTCStatsReport | null> {
    return this.#connection?.getStats(this) ?? Promise.resolve(null);
  }

  hostConnected(): void {
    this.picture.resume();
  }

  want(connection: DeviceConnection | null, wish: Wish): void {
    const moved = connection !== this.#connection;
    if (moved) {
      this.#leave();
      this.#connection = connection;
      this.#unsubscribe = connection?.subscribe(() => this.#onConnection());
    }
    if (moved || wish.stream !== this.#wish.stream || wish.quality !== this.#wish.quality) {
      this.#wishedAt = this.picture.isVisible ? performance.now() : null;
      this.#wish = wish;
      this.failure = null;
      this.#tell();
    } else if (wish.paused !== this.#wish.paused || wish.calm !== this.#wish.calm) {
      this.#wish = wish;
      this.#tell();
    }
  }

  /** Lets go of the connection and of the picture. */
  release(): void {
    this.#leave();
    this.#connection = null;
    this.#clear();
  }

  giveWay(): boolean {
    const isAway = !this.#host.isConnected;
    isAway && this.release();
    return isAway;
  }

  onTrack(track: SlotTrack, goesOn?: boolean): void {
    const before = this.#status;
    // The status of the session before says nothing of this track.
    const isLive = (rtp?: number) => this.#status !== before && (since(rtp, this.#status?.rtp_live) ?? true);
    this.picture.show(track, goesOn ? isLive : undefined);
    this.#awaitFrame();
  }

  onTrackEnd(): void {
    this.picture.freeze();
  }

  onPage(url: string): void {
    this.picture.embed(url, this.#wish.stream);
  }

  onStatus(status: SlotStatus): void {
    this.#status = status;
    this.#activeAt = performance.now();
    if (status.status === 'active' && status.stream === this.wishedName) {
      this.failure = null;
    }
    this.#awaitFrame();
    this.#host.dispatchEvent(new MsStatusEvent(status));
    this.#host.requestUpdate();
  }

  onSound(sound: Sound | null): void {
    this.isOutspoken = sound === null;
    this.sound = sound;
    this.#host.requestUpdate();
  }

  onSwitchFailed(error: SwitchError): void {
    // A closed session has a better reason to show, and the wish will be replayed.
    // A camera that waits for its key frame is no failure.
    if (error.reason === 'error' || (error.reason === 'timeout' && this.#status?.code !== 'no-keyframe')) {
      this.failure = error;
      this.#host.dispatchEvent(new MsErrorEvent(error));
      this.#host.requestUpdate();
    }
  }

  #tell(): void {
    if (this.#wish.stream === '') {
      this.#connection?.release(this);
      this.#forget();
      this.#clear();
    } else {
      this.#connection?.want(this, this.#wish);
    }
  }

  #leave(): void {
    this.#unsubscribe?.();
    this.picture.freeze();
    this.#connection?.release(this);
    this.#forget();
  }

  /** Forgets the statuses of a session that is gone. The last picture stays. */
  #forget(): void {
    this.#generation += 1;
    this.#status = null;
    this.presented = false;
    this.#wishedAt = null;
  }

  #clear(): void {
    this.picture.release();
    this.#shown = null;
  }

  #onConnection(): void {
    if (this.#connection?.state !== 'open') {
      this.picture.freeze();
      this.#forget();
    }
    this.#host.requestUpdate();
  }

  #awaitFrame(): void {
    this.#generation += 1;
    const { status } = this;
    if (status?.status !== 'active') {
      this.presented = false;
      return;
    }
    // A session that takes another's place shows what is on the screen already.
    this.presented &&= this.#wishedAt === null && this.#shown !== null && resolve(this.#shown) === status.stream;
    const generation = this.#generation;
    if (status.rtp_first === undefined && this.#wishedAt !== null && !this.picture.isLoading) {
      // The device calls the stream active, and does not say which frame is its first: the next key frame is.
      this.awaitKeyFrame(
        () => this.getStats(),
        () => generation === this.#generation,
      ).then(() => this.#watch(status, generation));
    } else {
      this.#watch(status, generation);
    }
  }

  #watch(status: SlotStatus, generation: number): void {
    this.picture.watch((presentedAt, { receiveTime, rtpTimestamp }) => {
      if (generation !== this.#generation) {
        return true;
      }
      const { stream, rtp_first, rtp_live } = status;
      if (!this.presented) {
        if (!(since(rtpTimestamp, rtp_first) ?? !(receiveTime && receiveTime < this.#activeAt - wordAfterFrame))) {
          return false;
        }
        this.presented = true;
        this.#firstAt = presentedAt;
        this.#onFirst(stream);
        this.#host.requestUpdate();
      }
      // A device that names no live frame replays nothing: its first one is live.
      const isLive = since(rtpTimestamp, rtp_live) ?? true;
      if (isLive) {
        this.#onLive(stream, presentedAt);
      }
      return isLive;
    });
  }

  #onFirst(stream: string): void {
    if (stream === this.wishedName) {
      this.#shown = this.#wish;
    } else if (this.#shown === null || resolve(this.#shown) !== stream) {
      this.#shown = { stream, quality: '' };
    }
  }

  #onLive(stream: string, presentedAt: number): void {
    if (stream === this.wishedName && this.#wishedAt !== null) {
      const [first, live] = [this.#firstAt - this.#wishedAt, presentedAt - this.#wishedAt];
      this.lastSwitch = { first, live };
      this.#host.dispatchEvent(new MsSwitchEvent(stream, first, live));
      this.#wishedAt = null;
    }
  }
}

/** Whether a frame is `mark` or comes after it, by 32-bit RTP timestamps (RFC 3550); undefined where one is not known. */
function since(timestamp: number | undefined, mark: number | undefined): boolean | undefined {
  return timestamp === undefined || mark === undefined ? undefined : ((timestamp - mark) | 0) >= 0;
}

function resolve({ stream, quality }: Wish): string {
  return resolveStreamName(stream, quality);
}
