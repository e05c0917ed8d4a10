/**
 * Where in its tile a video has its picture, without the empty edges: in CSS pixels from the tile's corner. With `fit="cover"`, or
 * zoomed, a part of it lies outside the tile. Null while there is no picture.
 */
export function pictureBox(tile: HTMLElement, video: HTMLVideoElement | null): DOMRect | null {
  if (!video?.videoWidth || !video.offsetWidth) {
    return null;
  }
  const { videoWidth, videoHeight, offsetWidth, offsetHeight } = video;
  const [x, y] = [offsetWidth / videoWidth, offsetHeight / videoHeight];
  const fits: Record<string, number> = { contain: Math.min(x, y), cover: Math.max(x, y), none: 1 };
  const scale = fits[getComputedStyle(video).objectFit];
  // Shares of the video's box. Whatever transforms the box transforms the picture in it: pixels that are not square, a zoom.
  const [wide, high] = scale === undefined ? [1, 1] : [scale / x, scale / y];
  const box = video.getBoundingClientRect();
  const { left, top } = tile.getBoundingClientRect();
  return new DOMRect(
    box.left - left + (box.width * (1 - wide)) / 2,
    box.top - top + (box.height * (1 - high)) / 2,
    box.width * wide,
    box.height * high,
  );
}
