import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openCameras, smallCamera } from '../support/cameras.ts';
import { openDevice, warm } from '../support/device.ts';
import { memory } from '../support/processes.ts';
import { sides } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

const minutes = 60;
const frames = 40;

/** Whether anything grows while a wall plays over the WebSocket: the delay, the page, or the device. */
export const hour: Part = {
  name: 'hour',
  title: 'An hour over the WebSocket',
  seconds: 61 * 60,
  isLong: true,
  async run(record) {
    await using cameras = await openCameras(3);
    await using device = await openDevice({ streams: warm(cameras.urls) });
    await using browser = await openBrowser();
    const [grid] = sides;
    if (grid === undefined) {
      throw new Error('there is no side');
    }
    const tiles = cameras.names.map((stream) => ({ stream }));
    await using wall = await WallPage.open(browser, grid, [{ device: device.url, mode: 'socket', tiles }]);
    for (let minute = 0; minute < record.rounds(minutes); minute++) {
      await sleep(57_000);
      const samples = await wall.page.evaluate(
        (rate, count) => globalThis.measure.latency(0, rate, count),
        smallCamera.rate,
        frames,
      );
      for (const { screen } of samples) {
        record.add({ what: 'camera to screen', side: 'multistream', unit: 'ms' }, screen, { minute });
      }
      const { JSHeapUsedSize = 0 } = await wall.page.metrics();
      record.add({ what: "the page's heap", side: 'multistream', unit: 'MiB' }, JSHeapUsedSize / 2 ** 20);
      record.add({ what: 'memory of the device', side: 'multistream', unit: 'MiB' }, memory(device.pid));
    }
  },
};
