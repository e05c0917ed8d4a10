/** Reads what a video really shows. */

export type Colour = 'red' | 'green' | 'blue' | 'yellow' | 'black';

const corners: Record<Colour, [number, number, number]> = {
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
  black: [0, 0, 0],
};

/** The colour in the middle of the frame that is on the screen. */
export function colourOf(video: HTMLVideoElement): Colour {
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = context.getImageData(0, 0, 1, 1).data;
  const distance = ([x, y, z]: [number, number, number]) => Math.hypot(r - x, g - y, b - z);
  return (Object.keys(corners) as Colour[]).reduce((best, colour) =>
    distance(corners[colour]) < distance(corners[best]) ? colour : best,
  );
}

/** The colours of the frames that a video presents until it shows `last`, each change once. */
export function coloursUntil(video: HTMLVideoElement, last: Colour): Promise<Colour[]> {
  const seen: Colour[] = [];
  return new Promise((resolve) => {
    const look = () => {
      const colour = colourOf(video);
      if (colour !== seen.at(-1)) {
        seen.push(colour);
      }
      colour === last ? resolve(seen) : video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
}

/** Plays a track in a video that is out of the document, until `done` has been awaited. */
export async function watch<T>(track: MediaStreamTrack, done: (video: HTMLVideoElement) => Promise<T>): Promise<T> {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  document.body.append(video);
  try {
    await video.play();
    return await done(video);
  } finally {
    video.srcObject = null;
    video.remove();
  }
}
