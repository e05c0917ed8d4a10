/**
 * The moving picture of one tile. A new track first loads behind the one that is shown and takes its place with its
 * first frame, so a new session never shows black.
 */
export class Picture {
  /** Put this where the picture belongs. */
  readonly element: HTMLElement = document.createElement('div');
  #shown: HTMLVideoElement | null = null;
  #next: HTMLVideoElement | null = null;

  constructor() {
    this.element.className = 'picture';
  }

  /** Whether a frame of any stream, even of a session that is gone, is on the screen. */
  get isVisible(): boolean {
    return this.#shown !== null;
  }

  /** The video that plays, or is about to. */
  get video(): HTMLVideoElement | null {
    return this.#next ?? this.#shown;
  }

  /** Frames that were presented so far, of whichever track. */
  get frames(): number {
    return this.video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
  }

  show(track: MediaStreamTrack): void {
    if (trackOf(this.video) === track) {
      return;
    }
    this.freeze();
    release(this.#next);
    const video = createVideo();
    this.#next = video;
    this.element.prepend(video);
    video.srcObject = new MediaStream([track]);
    play(video);
    video.requestVideoFrameCallback(() => {
      if (this.#next === video) {
        release(this.#shown);
        this.#shown = video;
        this.#next = null;
      }
    });
  }

  /** Shows `see` each frame that is on the screen from now on, until it has seen enough and returns true. */
  watch(see: (presentedAt: number, frame: VideoFrameCallbackMetadata) => boolean): void {
    this.video?.requestVideoFrameCallback((presentedAt, frame) => {
      if (!see(presentedAt, frame)) {
        this.watch(see);
      }
    });
  }

  /** Holds the last frame of a track that ends: a playing video would turn black with it. */
  freeze(): void {
    this.#shown?.pause();
  }

  /** A video that was moved in the document is paused by the browser. */
  resume(): void {
    for (const video of [this.#shown, this.#next]) {
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
}

/** Muted and inline before there is a source: otherwise Safari refuses to play by itself, or takes the whole screen. */
function createVideo(): HTMLVideoElement {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.autoplay = true;
  video.disableRemotePlayback = true;
  video.setAttribute('part', 'video');
  // The tile itself is named; a second name for the same thing would only be read twice.
  video.setAttribute('aria-hidden', 'true');
  return video;
}

function play(video: HTMLVideoElement): void {
  // Rejected when the video is released or moved meanwhile; `resume` comes back to it.
  video.play().catch(() => {});
}

function release(video: HTMLVideoElement | null): void {
  if (video) {
    video.srcObject = null;
    video.remove();
  }
}

function trackOf(video: HTMLVideoElement | null): MediaStreamTrack | undefined {
  return (video?.srcObject as MediaStream | null | undefined)?.getTracks()[0];
}
