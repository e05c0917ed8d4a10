import { expect } from '@open-wc/testing';
import { averageColor, type Color, frameNumber, framesBetween, isBlack, isColor } from './picture.ts';

const red: Color = [200, 30, 30];

describe('reading a test camera’s picture', () => {
  for (const [width, height] of [
    [1920, 1080],
    [1280, 720],
    [640, 360],
    [426, 240],
    [320, 180],
  ] as const) {
    it(`finds colour and number at ${width}×${height}`, () => {
      for (const number of [0, 1, 0x8000, 0xa5a5, 0xffff]) {
        const frame = draw(width, height, red, number);
        expect(frameNumber(frame)).to.equal(number);
        expect(isColor(frame, red)).to.equal(true);
        frame.close();
      }
    });
  }

  it('finds no number in a picture of one colour', () => {
    const frame = draw(640, 360, red, null);
    expect(frameNumber(frame)).to.equal(null);
    frame.close();
  });

  it('does not mix the colour with the squares', () => {
    const frame = draw(640, 360, red, 0xffff);
    expect(averageColor(frame).map(Math.round)).to.deep.equal([...red]);
    frame.close();
  });

  it('tells black from a dark colour, and one colour from another', () => {
    const black = draw(640, 360, [0, 0, 0], null);
    const dark = draw(640, 360, [60, 0, 0], 0);
    expect([isBlack(black), isBlack(dark)]).to.deep.equal([true, false]);
    expect(isColor(dark, red)).to.equal(false);
    black.close();
    dark.close();
  });

  it('counts frames across the wrap of the number', () => {
    expect(framesBetween(65_530, 4)).to.equal(10);
    expect(framesBetween(4, 65_530)).to.equal(-10);
    expect(framesBetween(7, 7)).to.equal(0);
  });
});

/** As the camera draws it; see `device/test/support/rtsp-cameras.py`. */
function draw(width: number, height: number, color: Color, number: number | null): VideoFrame {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.fillStyle = `rgb(${color.join(' ')})`;
  context.fillRect(0, 0, width, height);
  const side = width / 20;
  for (let bit = 0; number !== null && bit < 16; bit++) {
    context.fillStyle = (number >> bit) & 1 ? 'white' : 'black';
    context.fillRect((bit + 1) * side, 0, side, side);
  }
  return new VideoFrame(canvas, { timestamp: 0 });
}
