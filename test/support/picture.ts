/**
 * Reads a test camera's picture from what the page shows, at any scale.
 *
 * The picture is one solid colour with the frame's number in it, floor(unix time in seconds * rate) modulo 65536: a row
 * of 16 squares along the top edge, white for 1 and black for 0, the least significant bit on the left. A square's side
 * is a twentieth of the width, and one side's width of background lies left of the row. Drawn by
 * `device/test/support/rtsp-cameras.py`.
 */

export type Color = readonly [red: number, green: number, blue: number];
export type Picture = HTMLVideoElement | VideoFrame | ImageBitmap;

const bits = 16;
/** The number is read on a copy of this width: squares of 16 pixels, whatever the video's size. */
const width = 320;
const side = width / 20;

/** The mean colour of the lower half, where no squares are. */
export function averageColor(picture: Picture): Color {
  const [pictureWidth, pictureHeight] = size(picture);
  const middle = Math.ceil(pictureHeight / 2);
  const { data } = pixels(picture, [0, middle, pictureWidth, pictureHeight - middle], 16, 16);
  const sum = [0, 0, 0] as [number, number, number];
  data.forEach((value, index) => {
    if (index % 4 < 3) {
      sum[index % 4] = (sum[index % 4] ?? 0) + value;
    }
  });
  const count = data.length / 4;
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

/** The number in the picture, or null where the top edge does not show 16 black or white squares. */
export function frameNumber(picture: Picture): number | null {
  const [pictureWidth] = size(picture);
  const { data } = pixels(picture, [0, 0, pictureWidth, pictureWidth / 20], width, side);
  let number = 0;
  for (let bit = 0; bit < bits; bit++) {
    const brightness = meanBrightness(data, (bit + 1) * side);
    if (brightness > 80 && brightness < 175) {
      return null;
    }
    number += brightness > 127 ? 2 ** bit : 0;
  }
  return number;
}

/** How many frames `older` lies behind `newer`, across the wrap at 65536. */
export function framesBetween(older: number, newer: number): number {
  const difference = (newer - older) & 0xffff;
  return difference < 0x8000 ? difference : difference - 0x10000;
}

/** The number that a camera of this rate is showing at this moment. */
export function currentFrameNumber(rate: number): number {
  return Math.floor((Date.now() / 1000) * rate) % 65_536;
}

/** Nothing but black: no camera's picture, whose lower half is its colour. */
export function isBlack(picture: Picture): boolean {
  return isColor(picture, [0, 0, 0], 24);
}

/** Whether every channel is within `tolerance` of the camera's colour, which the encoding shifts by a few steps. */
export function isColor(picture: Picture, color: Color, tolerance = 24): boolean {
  const seen = averageColor(picture);
  return color.every((value, channel) => Math.abs(value - (seen[channel] ?? 0)) <= tolerance);
}

/** The middle half of a square, since its edges are blurred by the encoding and by the scaling. */
function meanBrightness(data: Uint8ClampedArray, left: number): number {
  let sum = 0;
  let count = 0;
  for (let y = side / 4; y < (side * 3) / 4; y++) {
    for (let x = left + side / 4; x < left + (side * 3) / 4; x++) {
      const index = (y * width + x) * 4;
      sum += (data[index] ?? 0) + (data[index + 1] ?? 0) + (data[index + 2] ?? 0);
      count += 3;
    }
  }
  return sum / count;
}

function size(picture: Picture): [width: number, height: number] {
  // A video in an iframe is no instance of this page's class.
  if ('videoWidth' in picture) {
    return [picture.videoWidth, picture.videoHeight];
  }
  return 'displayWidth' in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height];
}

let canvas: OffscreenCanvasRenderingContext2D | null = null;

function pixels(
  picture: Picture,
  [x, y, w, h]: readonly [number, number, number, number],
  toWidth: number,
  toHeight: number,
): ImageData {
  // One canvas for all: a test reads every frame of several videos.
  canvas ??= new OffscreenCanvas(width, side).getContext('2d', { willReadFrequently: true });
  if (canvas === null) {
    throw new Error('this browser has no 2d canvas');
  }
  canvas.clearRect(0, 0, toWidth, toHeight);
  canvas.drawImage(picture, x, y, w, h, 0, 0, toWidth, toHeight);
  return canvas.getImageData(0, 0, toWidth, toHeight);
}
