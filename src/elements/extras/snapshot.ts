/**
 * The frame that a video shows, in its own size, as a PNG.
 * @throws {DOMException} `InvalidStateError` where there is none
 */
export async function takeSnapshot(video: HTMLVideoElement | null): Promise<Blob> {
  if (video === null || video.videoWidth === 0) {
    throw new DOMException('This tile has no picture yet', 'InvalidStateError');
  }
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  return canvas.convertToBlob();
}

export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
