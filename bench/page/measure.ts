/** What runs in the measured page. Times are `performance.now()` in milliseconds, from the page's start. */

import { averageColor, frameNumber, framesBetween, isColor } from '../../test/support/picture.ts';

export interface Tile {
  stream: string;
  quality?: string;
}

export interface SwitchSample {
  /** From the changed attribute to the callback of the first frame of the new camera. */
  firstFrame: number;
  /** To the first frame that is at most one frame older than the one a tile shows that was on that camera all along. */
  liveFrame: number;
  /** How old the first frame was, in frames of the camera. */
  firstFrameAge: number;
}

type Slot = HTMLElement & { shadowRoot: ShadowRoot; updateComplete: Promise<unknown> };

/** Puts the grid into the page and tells when each tile presented its first frame. */
async function connect(tiles: readonly Tile[], device: string): Promise<number[]> {
  const script = document.createElement('script');
  script.type = 'module';
  script.src = `${device}/ms-grid.js`;
  const grid = document.createElement('ms-grid');
  grid.setAttribute('device-url', device);
  grid.setAttribute('ice-servers', '[]');
  grid.append(...tiles.map(toSlot));
  document.body.append(grid);
  document.head.append(script);
  await customElements.whenDefined('ms-slot');
  return Promise.all(Array.from(grid.children, (slot) => firstFrame(slot as Slot)));
}

function toSlot({ stream, quality }: Tile, index: number): HTMLElement {
  const slot = document.createElement('ms-slot');
  slot.setAttribute('slot', String(index));
  slot.setAttribute('stream', stream);
  if (quality !== undefined) {
    slot.setAttribute('quality', quality);
  }
  return slot;
}

async function firstFrame(slot: Slot): Promise<number> {
  await slot.updateComplete;
  const element = await firstVideo(slot.shadowRoot);
  return new Promise((resolve) => element.requestVideoFrameCallback(() => resolve(performance.now())));
}

/** A tile has a video from the moment that it has a track. */
function firstVideo(root: ShadowRoot): Promise<HTMLVideoElement> {
  return new Promise((resolve) => {
    const look = () => {
      const element = root.querySelector('video');
      if (element !== null) {
        observer.disconnect();
        resolve(element);
      }
    };
    const observer = new MutationObserver(look);
    observer.observe(root, { childList: true, subtree: true });
    look();
  });
}

/**
 * Switches the tile `slot` to a stream that the tile `reference` shows, and reads from the pixels when it is there.
 * The colours of the two cameras differ.
 */
function switchTo(slot: number, tile: Tile, reference: number): Promise<SwitchSample> {
  const [element, other] = [slotAt(slot), slotAt(reference)];
  const [picture, live] = [video(element), video(other)];
  const color = averageColor(live);
  return new Promise((resolve) => {
    let first: { time: number; age: number } | null = null;
    let wish = 0;
    const look = () => {
      const now = performance.now();
      const shown = isColor(picture, color) ? frameNumber(picture) : null;
      const newest = frameNumber(live);
      if (shown !== null && newest !== null) {
        const age = framesBetween(shown, newest);
        first ??= { time: now - wish, age };
        if (age <= 1) {
          resolve({ firstFrame: first.time, liveFrame: now - wish, firstFrameAge: first.age });
          return;
        }
      }
      picture.requestVideoFrameCallback(look);
    };
    picture.requestVideoFrameCallback(look);
    wish = performance.now();
    element.setAttribute('stream', tile.stream);
    element.setAttribute('quality', tile.quality ?? '');
  });
}

function slotAt(index: number): Slot {
  return document.querySelector(`ms-slot[slot="${index}"]`) as Slot;
}

function video(slot: Slot): HTMLVideoElement {
  return slot.shadowRoot.querySelector('video') as HTMLVideoElement;
}

export const measure = { connect, switchTo };
Object.assign(globalThis, { measure });
