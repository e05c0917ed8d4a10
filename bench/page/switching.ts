import { averageColor, frameNumber, framesBetween, isColor } from '../../test/support/picture.ts';
import type { Tile, Wall } from './walls.ts';

export interface SwitchRequest {
  index: number;
  tile: Tile;
  /** A tile that shows the wished camera all along. */
  reference: number;
  /** Lines of the wished picture, where its colour does not tell it from the present one. */
  height?: number;
  /** How many frames a live picture may be older than the reference's. */
  tolerance?: number;
  /** Milliseconds from now until the switch is due. */
  wait: number;
}

/** A switch that takes longer has failed, and counts as this long; in milliseconds. */
const patience = 15_000;

/** All in milliseconds since the switch was due. */
export interface SwitchSample {
  /** The first frame of the new camera is on the screen. */
  firstFrame: number;
  /** One is that is no older than the reference's. */
  liveFrame: number;
  /** How old the first frame was, in frames of the camera. */
  firstFrameAge: number;
  /** The last packet of the first frame reached the browser; NaN where it does not say. */
  received: number;
}

/**
 * Switches a tile, and reads from the pixels when the new camera is there. Time counts from the moment at which the
 * switch was due and not from the one at which the page came to it: a page that is busy makes its user wait, too.
 */
export async function measureSwitch(wall: Wall, request: SwitchRequest): Promise<SwitchSample> {
  const { index, tile, reference, height, tolerance = 1, wait } = request;
  const live = wall.videoNow(reference);
  const color = averageColor(live);
  const due = performance.now() + wait;
  await new Promise((resolve) => setTimeout(resolve, wait));
  wall.switch(index, tile);
  const picture = await wall.video(index);
  return new Promise((resolve) => {
    let first: Omit<SwitchSample, 'liveFrame'> | null = null;
    setTimeout(() => {
      const nothing = { firstFrame: patience, firstFrameAge: Number.NaN, received: Number.NaN };
      resolve({ ...(first ?? nothing), liveFrame: patience });
    }, patience);
    const look = (_: number, metadata: VideoFrameCallbackMetadata) => {
      const now = performance.now();
      const isNew = isColor(picture, color) && (height === undefined || metadata.height === height);
      const shown = isNew ? frameNumber(picture) : null;
      const newest = frameNumber(live);
      if (shown !== null && newest !== null) {
        const age = framesBetween(shown, newest);
        const received = toPageTime(metadata.receiveTime, picture) - due;
        first ??= { firstFrame: now - due, firstFrameAge: age, received };
        if (age <= tolerance) {
          resolve({ ...first, liveFrame: now - due });
          return;
        }
      }
      picture.requestVideoFrameCallback(look);
    };
    picture.requestVideoFrameCallback(look);
  });
}

/** A video in an iframe counts from the start of its own document. */
function toPageTime(time: number | undefined, { ownerDocument }: HTMLVideoElement): number {
  const origin = ownerDocument.defaultView?.performance.timeOrigin ?? Number.NaN;
  return (time ?? Number.NaN) + origin - performance.timeOrigin;
}
