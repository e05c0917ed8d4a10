import type { Picture } from '../picture.ts';

/** Counts the frames that a tile has presented. */
export class FrameCounter {
  readonly #picture: Picture;
  #presentedFrames = 0;

  constructor(picture: Picture) {
    this.#picture = picture;
  }

  /** Frames of all tracks so far; null for an embedded page, whose frames cannot be counted. */
  count(): number | null {
    const { element, video } = this.#picture;
    if (element.querySelector('iframe')) {
      return null;
    }
    // Firefox (153) does not count the frames of a live stream. Its callback names the number, for the next count.
    video?.requestVideoFrameCallback((_, { presentedFrames }) => {
      this.#presentedFrames = presentedFrames;
    });
    return this.#presentedFrames + (video?.getVideoPlaybackQuality().totalVideoFrames ?? 0);
  }
}
