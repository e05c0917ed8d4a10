import type { ConnectionErrorReason } from '../client/errors.ts';
import type { TileState } from './tile-state.ts';

/**
 * Every text that the elements themselves show. In those that explain something, `{device}` stands for the device's
 * address, `{page}` for the page's origin, `{stream}` for the camera, and `({detail})` for what the device or the browser
 * said of it, which goes where they said nothing.
 */
export interface Strings extends Record<TileState | Exclude<ConnectionErrorReason, 'closed'>, string> {
  /** Added to the state of a tile whose picture is not of now. */
  stale: string;
  /** Nothing moves in the picture, and only some of its frames are shown. */
  calm: string;
  /** The name of the controls of a tour. */
  tour: string;
  tourPause: string;
  tourPlay: string;
  tourPrevious: string;
  tourNext: string;
  fullscreen: string;
  pip: string;
  snapshot: string;
  sound: string;
  /** The browser plays no sound before the reader's next click. */
  soundBlocked: string;
  /** The camera sends no sound. */
  noAudio: string;
  /** The browser cannot play the sound of the camera. */
  audioCodec: string;
  zoomIn: string;
  zoomOut: string;
  /** How much the picture is enlarged: `{percent}` of its usual size. */
  zoomed: string;
  /** The button that moves a tile to another place. */
  move: string;
  /** Says how to move the tile `{tile}`. */
  moving: string;
  /** That it changes places with `{tile}`, if it is dropped now. */
  moveTo: string;
  /** Where `{tile}` is now: at `{place}` of `{places}`. */
  moved: string;
  /** Where it still is. */
  notMoved: string;
  quality: string;
  /** The quality that follows the size of the tile. */
  auto: string;
  /** The stream itself, in no other quality. */
  native: string;
  stats: string;
  resolution: string;
  frameRate: string;
  bitrate: string;
  loss: string;
  roundTrip: string;
  jitterBuffer: string;
  /** The decoder, which turns the stream into pictures. */
  decoder: string;
  dropped: string;
  /** To the first frame and to the first live one. */
  lastSwitch: string;
  streamNotFound: string;
  /** More tiles than the device allows. */
  tooManySlots: string;
  codecMismatch: string;
  cameraOffline: string;
  /** The camera sends, and nothing can be shown before its next key frame. */
  noKeyframe: string;
  /** The device cannot show a stream for a reason that has no text of its own. */
  notShown: string;
  /** An attribute of the page cannot be read. */
  attribute: string;
}
