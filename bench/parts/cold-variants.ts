import { startChild } from '../../device/test/support/child-process.ts';
import type { Part } from '../part.ts';
import { openDevice } from '../support/device.ts';
import { openRecordedCameras } from '../support/recorded-cameras.ts';
import { alternate, sidesOf } from '../support/sides.ts';

const heights = [360, 720];
/** In each of two turns. */
const rounds = 10;
/** Milliseconds for all of them. */
const patience = 120_000;

/** From the request to the first complete picture. */
export const coldVariants: Part = {
  name: 'cold-variants',
  title: 'A variant that nothing else shows',
  seconds: 200,
  compares: true,
  async run(record) {
    await using cameras = await openRecordedCameras(1, { width: 1920, height: 1080, bitrate: 2500 });
    const variants = heights.map((height) => [
      `camera1-${height}p`,
      { source: `ffmpeg:camera1#video=h264#height=${height}`, linger: '0s' },
    ]);
    const streams = { camera1: { source: cameras.urls.camera1, preload: true }, ...Object.fromEntries(variants) };
    const sides = sidesOf(record).filter(({ wall }) => wall === 'grid');
    await alternate(
      sides,
      record.rounds(2),
      async ({ name: side, checkout }) => {
        await using device = await openDevice({ streams, checkout });
        const qualities = heights.map((height) => `${height}p`);
        const program = 'bench/support/cold-variants-process.ts';
        const viewer = startChild(process.execPath, [program, device.url, 'camera1', String(rounds), ...qualities]);
        try {
          await viewer.says(/^done$/m, patience);
          for (const [, quality, milliseconds] of viewer.stdout().matchAll(/^(\d+p) after ([\d.]+) ms$/gm)) {
            record.add({ what: `to a cold ${quality}, first picture`, side, unit: 'ms' }, Number(milliseconds));
          }
        } finally {
          await viewer.end('SIGKILL');
        }
      },
      record.until(1),
    );
  },
};
