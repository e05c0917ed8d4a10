/** How long the tiles of our elements have no new frame, in milliseconds. */

interface Seen {
  last: number;
  longest: number;
}

const seen = new Map<Element, Seen>();

/**
 * From now on each tile's longest time between two new pictures is noted: a frame of the video that is in front, or another video
 * that takes its place.
 */
export function watchGaps(): void {
  for (const slot of document.querySelectorAll('ms-slot')) {
    const root = slot.shadowRoot as ShadowRoot;
    const watched = new WeakSet<HTMLVideoElement>();
    let front: HTMLVideoElement | undefined;
    const look = () => {
      // The next video loads behind, which is before it in the document.
      const videos = [...root.querySelectorAll('video')];
      if (front !== videos.at(-1)) {
        front = videos.at(-1);
        note(slot);
      }
      for (const video of videos.filter((one) => !watched.has(one))) {
        watched.add(video);
        follow(video, () => video === front && note(slot));
      }
    };
    seen.set(slot, { last: performance.now(), longest: 0 });
    new MutationObserver(look).observe(root, { childList: true, subtree: true });
    look();
  }
}

/** Each tile has one, which counts the time since its last frame, too. */
export function longestGaps(): number[] {
  return Array.from(seen.keys(), note);
}

function follow(video: HTMLVideoElement, onFrame: () => void): void {
  video.requestVideoFrameCallback(() => {
    onFrame();
    follow(video, onFrame);
  });
}

function note(slot: Element): number {
  const of = seen.get(slot) as Seen;
  const now = performance.now();
  of.longest = Math.max(of.longest, now - of.last);
  of.last = now;
  return of.longest;
}
