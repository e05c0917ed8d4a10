import type { ReactiveController } from 'lit';
import type { SlotStatus } from '../../protocol/messages.ts';
import type { MsStatusEvent } from '../events.ts';
import type { Picture } from '../picture.ts';
import type { TileHost } from '../tile.ts';

/** A frame is on the screen. Fired while the tile has `frames`. */
export class MsFrameEvent extends Event {
  /** The resolved name of the stream that the frame is of. */
  readonly stream: string;
  /** 90 kHz, in 32 bits; null where the browser does not say. */
  readonly rtpTimestamp: number | null;
  /** When it was presented, by `performance.now()`. */
  readonly presentedAt: number;
  /**
   * The camera's own time for the frame, in milliseconds since 1970; null where the camera does not tell it, for encoded variants,
   * and for the frames before the present one after a switch.
   */
  readonly wallClock: number | null;

  constructor(frame: Pick<MsFrameEvent, 'stream' | 'rtpTimestamp' | 'presentedAt' | 'wallClock'>) {
    super('ms-frame', { bubbles: true, composed: true });
    this.stream = frame.stream;
    this.rtpTimestamp = frame.rtpTimestamp;
    this.presentedAt = frame.presentedAt;
    this.wallClock = frame.wallClock;
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'ms-frame': MsFrameEvent;
  }
}

/** Statuses that are kept: frames of a stream before may still be on their way when the next one is told. */
const most = 8;

/** Tells of each frame that a tile presents, which stream it is of, and when the camera took it. */
export class Frames implements ReactiveController {
  readonly #host: TileHost;
  readonly #picture: Picture;
  /** The statuses in which the device called the slot active, the newest first. */
  #statuses: SlotStatus[] = [];
  #watched: HTMLVideoElement | null = null;
  #isConnected = false;

  /** @param status the device's present one */
  constructor(host: TileHost, picture: Picture, status: SlotStatus | null) {
    this.#host = host;
    this.#picture = picture;
    status && this.#hear(status);
    host.addEventListener('ms-status', ({ status }: MsStatusEvent) => this.#hear(status));
    host.addController(this);
  }

  hostConnected(): void {
    this.#isConnected = true;
  }

  hostDisconnected(): void {
    this.#isConnected = false;
    this.#watched = null;
  }

  hostUpdated(): void {
    const { video } = this.#picture;
    if (this.#isWanted && video !== this.#watched) {
      this.#watched = video;
      this.#picture.watch((presentedAt, { rtpTimestamp }) => {
        const goesOn = this.#isWanted && video === this.#watched;
        if (goesOn) {
          this.#tell(presentedAt, rtpTimestamp ?? null);
        } else if (video === this.#watched) {
          this.#watched = null;
        }
        return !goesOn;
      });
    }
  }

  get #isWanted(): boolean {
    return this.#isConnected && this.#host.frames;
  }

  #hear(status: SlotStatus): void {
    if (status.status === 'active') {
      this.#statuses = [status, ...this.#statuses].slice(0, most);
    }
  }

  #tell(presentedAt: number, rtpTimestamp: number | null): void {
    // Statuses of an earlier session have other timestamps; those of this one come first.
    const passed = (mark: number | undefined) =>
      rtpTimestamp !== null && mark !== undefined && ((rtpTimestamp - mark) | 0) >= 0;
    const [newest] = this.#statuses;
    const shown = this.#statuses.find(({ rtp_first }) => passed(rtp_first)) ?? newest;
    const clock = this.#statuses.find(
      ({ stream, rtp_first, clock_rtp }) => stream === shown?.stream && passed(rtp_first) && passed(clock_rtp),
    );
    if (shown) {
      const { clock_rtp = 0, clock_ms = 0 } = clock ?? {};
      const wallClock = clock && rtpTimestamp !== null ? clock_ms + ((rtpTimestamp - clock_rtp) | 0) / 90 : null;
      this.#host.dispatchEvent(new MsFrameEvent({ stream: shown.stream, rtpTimestamp, presentedAt, wallClock }));
    }
  }
}
