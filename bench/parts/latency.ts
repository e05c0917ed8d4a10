import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openCameras, smallCamera } from '../support/cameras.ts';
import { openDevice, warm } from '../support/device.ts';
import { alternate, sides } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

const rounds = 2;
const frames = 40;
/** Once they play, the two kinds of iframes do the same. */
const compared = sides.filter(({ gopCache }) => gopCache);

/** From the moment that a frame stands for by the camera's clock to the callback that it is on the screen. */
export const latency: Part = {
  name: 'latency',
  title: 'From camera to screen',
  seconds: 20,
  async run(record) {
    await using cameras = await openCameras(6);
    await using device = await openDevice({ streams: warm(cameras.urls) });
    await using browser = await openBrowser();
    const tiles = cameras.names.map((stream) => ({ stream }));
    await alternate(
      compared,
      record.rounds(rounds),
      async (side) => {
        await using wall = await WallPage.open(browser, side, [{ device: device.url, tiles }]);
        await sleep(1500);
        const samples = await wall.page.evaluate(
          (rate, count) => globalThis.measure.latency(0, rate, count),
          smallCamera.rate,
          record.rounds(frames),
        );
        for (const { screen, received } of samples) {
          record.add({ what: 'camera to screen', side: side.name, unit: 'ms' }, screen, { received });
        }
      },
      record.until(1),
    );
  },
};
