import type { Picture } from '../picture.ts';

/** Chromium's classes that take a track apart into its frames and make one of frames (mediacapture-transform). */
interface FrameClasses {
  MediaStreamTrackProcessor?: new (init: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };
  MediaStreamTrackGenerator?: new (init: {
    kind: 'video';
  }) => MediaStreamTrack & { writable: WritableStream<VideoFrame> };
}

interface Shaped {
  readonly video: HTMLVideoElement;
  /** Ends its frames. */
  readonly stop: () => void;
}

/** The tiles whose picture is in such a window, with pixels that are not square. */
const shaped = new WeakSet<Picture>();

/** Shows a tile's picture in a window of its own, or takes it back. Loaded with the first wish for it. */
export async function toggle(tile: HTMLElement, picture: Picture): Promise<void> {
  const { video } = picture;
  if (shaped.has(picture) || tile.shadowRoot?.pictureInPictureElement === video) {
    await tile.ownerDocument.exitPictureInPicture();
  } else if (video) {
    const wide = inShape(picture, video);
    await (wide ? open(picture, wide) : video.requestPictureInPicture());
  }
}

async function open(picture: Picture, { video, stop }: Shaped): Promise<void> {
  const close = () => {
    stop();
    shaped.delete(picture);
  };
  try {
    await video.play();
    await video.requestPictureInPicture();
    shaped.add(picture);
    video.addEventListener('leavepictureinpicture', close);
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * A video whose frames say themselves how wide they are shown, since no style reaches that window. Null if the pixels are
 * square, the browser has no such frames, or the pictures come over MediaSource.
 */
function inShape(picture: Picture, video: HTMLVideoElement): Shaped | null {
  const { MediaStreamTrackProcessor: Processor, MediaStreamTrackGenerator: Generator } = globalThis as FrameClasses;
  const [track] = (video.srcObject as MediaStream | null)?.getVideoTracks?.() ?? [];
  const aspect = () => Number(picture.element.style.getPropertyValue('--_pixel-aspect') || 1);
  if (aspect() === 1 || !Processor || !Generator || !track) {
    return null;
  }
  const own = track.clone();
  const generator = new Generator({ kind: 'video' });
  const shape = new TransformStream<VideoFrame, VideoFrame>({
    transform(frame, controller) {
      const { displayWidth, displayHeight } = frame;
      controller.enqueue(new VideoFrame(frame, { displayWidth: Math.round(displayWidth * aspect()), displayHeight }));
      frame.close();
    },
  });
  new Processor({ track: own }).readable
    .pipeThrough(shape)
    .pipeTo(generator.writable)
    .catch(() => {});
  const wide = Object.assign(video.ownerDocument.createElement('video'), { muted: true, playsInline: true });
  wide.srcObject = new MediaStream([generator]);
  const stop = () => {
    own.stop();
    wide.srcObject = null;
  };
  return { video: wide, stop };
}
