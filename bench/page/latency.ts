import { frameNumber, framesBetween } from '../../test/support/picture.ts';

export interface LatencySample {
  /** Milliseconds from the moment that the frame stands for to the callback that it is on the screen. */
  screen: number;
  /** To the arrival of its last packet in the browser; NaN where it does not say. */
  received: number;
}

/** Every frame that a tile shows from now on; the cameras number their frames by the clock that the page has, too. */
export function measureLatency(video: HTMLVideoElement, rate: number, count: number): Promise<LatencySample[]> {
  const samples: LatencySample[] = [];
  return new Promise((resolve) => {
    const look = (_: number, { receiveTime }: VideoFrameCallbackMetadata) => {
      const now = performance.timeOrigin + performance.now();
      const shown = frameNumber(video);
      if (shown !== null) {
        const current = Math.floor((now / 1000) * rate);
        const drawn = ((current - framesBetween(shown, current & 0xffff)) / rate) * 1000;
        const origin = video.ownerDocument.defaultView?.performance.timeOrigin ?? Number.NaN;
        samples.push({ screen: now - drawn, received: (receiveTime ?? Number.NaN) + origin - drawn });
      }
      if (samples.length < count) {
        video.requestVideoFrameCallback(look);
      } else {
        resolve(samples);
      }
    };
    video.requestVideoFrameCallback(look);
  });
}
