/**
 * The frame that a video shows, in its own size and shape, as a PNG.
 * @throws {DOMException} `InvalidStateError` where there is none
 */
export async function takeSnapshot(video: HTMLVideoElement | null): Promise<Blob> {
  if (video === null || video.videoWidth === 0) {
    throw new DOMException('This tile has no picture yet', 'InvalidStateError');
  }
  const aspect = Number(getComputedStyle(video).getPropertyValue('--_pixel-aspect') || 1);
  const [width, height] = [Math.round(video.videoWidth * aspect), video.videoHeight];
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.drawImage(video, 0, 0, width, height);
  return canvas.convertToBlob();
}
