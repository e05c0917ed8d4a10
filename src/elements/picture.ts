import type { SlotTrack } from '../client/media.ts';
import { overlap } from '../client/session.ts';

/** The element that shows a picture: a video of ours, or a page that plays by itself. */
type Carrier = HTMLVideoElement | HTMLIFrameElement;

/**
 * The moving picture of one tile. A new track first loads behind the one that is shown and takes its place with its
 * first frame, so a new session never shows black.
 */
export class Picture {
  /** The element to put where the picture belongs. */
  readonly element: HTMLElement = document.createElement('div');
  #shown: Carrier | null = null;
  #next: Carrier | null = null;

  constructor() {
    this.element.className = 'picture';
  }

  /** Whether a frame is on the screen, of any stream, even of a session that has ended. */
  get isVisible(): boolean {
    return this.#shown !== null;
  }

  /** Whether a new track has no frame yet. */
  get isLoading(): boolean {
    return this.#next !== null;
  }

  /** The video that plays, or is about to. */
  get video(): HTMLVideoElement | null {
    return asVideo(this.#next ?? this.#shown);
  }

  /**
   * @param isLive where what is shown goes on for `overlap`: whether a frame of the new track is a live one, with which it takes
   * over. Without it what is shown is held, and the first frame takes over.
   */
  show(track: SlotTrack, isLive?: (rtpTimestamp?: number) => boolean): void {
    if (trackOf(this.video) === track) {
      return;
    }
    const video = createVideo(this.element.ownerDocument);
    this.#load(video);
    tracks.set(video, track);
    if ('attach' in track) {
      track.attach(video);
    } else {
      video.srcObject = new MediaStream([track]);
    }
    play(video);
    // The browser draws a last black frame of a track that ends.
    const takeOver = () => track.readyState === 'live' && this.#swap(video);
    this.watch((_, { rtpTimestamp }) => {
      const isDue = this.#next !== video || isLive?.(rtpTimestamp) !== false;
      isDue && takeOver();
      return isDue;
    });
    const stopWaiting = () => {
      isLive = undefined;
      video.readyState > 1 && takeOver();
      this.#next === video && this.freeze();
    };
    isLive ? setTimeout(stopWaiting, overlap) : this.freeze();
  }

  /** Shows a page that plays a stream. Screen readers read its name. */
  embed(url: string, name: string): void {
    const frame = this.element.ownerDocument.createElement('iframe');
    // The tile answers to mouse and keyboard, whatever carries its picture.
    Object.assign(frame, { allow: 'autoplay', title: name, tabIndex: -1, src: url });
    frame.addEventListener('load', () => this.#swap(frame));
    this.#load(frame);
  }

  /**
   * Shows `see` each frame that is on the screen from now on, until it has seen enough and returns true. Times are those
   * of this script's `performance.now()`. A page counts as one frame: when it has loaded.
   */
  watch(see: (presentedAt: number, frame: { receiveTime?: number; rtpTimestamp?: number }) => boolean): void {
    this.#next?.addEventListener('load', () => see(performance.now(), {}));
    this.video?.requestVideoFrameCallback((presentedAt, { receiveTime, mediaTime, ...metadata }) => {
      const late = lateness(this.element);
      // Without a MediaStream the media time is the RTP timestamp, continued, in seconds.
      const rtpTimestamp =
        metadata.rtpTimestamp ?? (this.video?.srcObject ? undefined : Math.round(mediaTime * 90_000));
      const frame = {
        ...(receiveTime !== undefined && { receiveTime: receiveTime + late }),
        ...(rtpTimestamp !== undefined && { rtpTimestamp }),
      };
      if (!see(presentedAt + late, frame)) {
        this.watch(see);
      }
    });
  }

  /** Holds the last frame of a track that ends: a playing video would turn black with it. */
  freeze(): void {
    asVideo(this.#shown)?.pause();
  }

  /** A video that was moved in the document is paused by the browser. */
  resume(): void {
    for (const video of [this.#shown, this.#next].map(asVideo)) {
      if (video?.paused && trackOf(video)?.readyState === 'live') {
        play(video);
      }
    }
  }

  release(): void {
    release(this.#shown);
    release(this.#next);
    this.#shown = this.#next = null;
  }

  /** Loads a picture behind the one that is shown. */
  #load(carrier: Carrier): void {
    release(this.#next);
    this.#next = carrier;
    this.element.prepend(carrier);
  }

  #swap(carrier: Carrier): void {
    if (this.#next === carrier) {
      // In a task of its own: a page in Firefox (153) paints no more after a video is removed within a frame callback.
      setTimeout(release, 0, this.#shown);
      this.#shown = carrier;
      this.#next = null;
    }
  }
}

/** How much later (ms) the clock of the element's window began than that of this script: a pop-up has its own. */
function lateness({ ownerDocument }: Element): number {
  return (ownerDocument.defaultView?.performance.timeOrigin ?? performance.timeOrigin) - performance.timeOrigin;
}

/** Muted and inline before there is a source: otherwise Safari refuses to play by itself, or takes the whole screen. */
function createVideo(document: Document): HTMLVideoElement {
  const video = document.createElement('video');
  // The tile itself is named; a second name for the same thing would only be read twice.
  const hidden = { part: 'video', ariaHidden: 'true' };
  return Object.assign(video, { muted: true, playsInline: true, autoplay: true, disableRemotePlayback: true }, hidden);
}

function play(video: HTMLVideoElement): void {
  // Rejected when the video is released or moved meanwhile; `resume` comes back to it.
  video.play().catch(() => {});
}

function release(carrier: Carrier | null): void {
  const video = asVideo(carrier);
  const track = trackOf(video);
  if (video) {
    video.srcObject = null;
  }
  track && 'attach' in track && track.detach(video as HTMLVideoElement);
  carrier?.remove();
}

/** Compares the name, since another window has another class for videos. */
function asVideo(carrier: Carrier | null): HTMLVideoElement | null {
  return carrier?.localName === 'video' ? (carrier as HTMLVideoElement) : null;
}

/** The track that each video plays. */
const tracks = new WeakMap<HTMLVideoElement, SlotTrack>();

function trackOf(video: HTMLVideoElement | null): SlotTrack | undefined {
  return video ? tracks.get(video) : undefined;
}
