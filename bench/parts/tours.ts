import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeClip } from '../../device/test/support/clips.ts';
import { startScriptedCamera } from '../../device/test/support/scripted-camera.ts';
import type { Part } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openDevice } from '../support/device.ts';
import { descendants, memory, sum } from '../support/processes.ts';

const tiles = 16;
/** Seconds. */
const dwell = 1.5;
/** A camera's pictures carry its number. They are coded once, so that a hundred cameras cost little. */
const camera = { width: 320, height: 180, rate: 8, gop: 8, seconds: 1, noise: 0.5 };
const count = 100;
const steps = { all: 1000, quick: 20, between: 50 };

/**
 * A tour of a hundred cameras through sixteen tiles: frames that are none of theirs, cameras that are open, memory. The first frames
 * that are black or wrong are described in the settings, and their pictures lie beside the results.
 */
export const tours: Part = {
  name: 'tours',
  title: 'A hundred cameras through sixteen tiles',
  seconds: 3000,
  isLong: true,
  async run(record) {
    Object.assign(record.settings, { camera, count, tiles, dwell });
    const cameras = await Promise.all(
      Array.from({ length: count }, async (_, mark) => {
        const pictures = (await encodeClip({ ...camera, mark })).map(({ data }) => data);
        return startScriptedCamera({ pictures, rate: camera.rate });
      }),
    );
    const urls = Object.fromEntries(cameras.map(({ url }, mark) => [`camera${mark}`, url]));
    try {
      // As configured by default: nine slots in a session, so that the wall has two.
      await using device = await openDevice({ streams: urls });
      await using browser = await openBrowser();
      const page = await browser.browser.newPage();
      await page.goto(browser.page);
      await page.waitForFunction('globalThis.measure !== undefined');
      const request = { device: device.url, streams: Object.keys(urls), tiles, dwell };
      await page.evaluate((what) => globalThis.measure.startTour(what), request);
      const add = (what: string, unit: '' | 'ms' | 'MiB', sample: number) =>
        record.add({ what, side: 'multistream', unit }, sample);
      const goal = record.rounds(steps.all) === 1 ? steps.quick : steps.all;
      const inTime = record.until(1);
      const odd: object[] = [];
      record.settings.odd = odd;
      let [open, reported, seen] = [0, 0, await page.evaluate(() => globalThis.measure.lookAtTour())];
      while (seen.steps < goal && inTime()) {
        await sleep(200);
        open = Math.max(open, await countOpen(device.url));
        seen = await page.evaluate(() => globalThis.measure.lookAtTour());
        const { delays, odd: newlyOdd } = seen;
        for (const { picture, ...frame } of newlyOdd) {
          odd.push(frame);
          const file = new URL(`../results/tours-odd-${odd.length}.png`, import.meta.url);
          await writeFile(file, Buffer.from(picture.split(',')[1] ?? '', 'base64'));
        }
        for (const delay of delays) {
          add('step to the first frame of each tile', 'ms', delay);
        }
        if (seen.steps >= reported + steps.between) {
          reported += steps.between;
          add(
            `memory of the device, every ${steps.between} steps`,
            'MiB',
            sum([device.pid, ...descendants(device.pid)], memory),
          );
          add(
            `memory of the browser, every ${steps.between} steps`,
            'MiB',
            sum([browser.pid, ...descendants(browser.pid)], memory),
          );
          add(`JavaScript of the page, every ${steps.between} steps`, 'MiB', seen.heap / 2 ** 20);
          const { Nodes = 0, JSEventListeners = 0 } = await page.metrics();
          add(`DOM nodes of the page, every ${steps.between} steps`, '', Nodes);
          add(`listeners of the page, every ${steps.between} steps`, '', JSEventListeners);
        }
      }
      add('steps', '', seen.steps);
      add('frames that were looked at', '', seen.frames);
      add('black frames', '', seen.black);
      add('frames of a wrong camera', '', seen.wrong);
      add('cameras that were not seen in their turn', '', seen.missed);
      add('tiles that were black when looked at', '', seen.dark);
      add('errors that tiles were told', '', seen.errors);
      add('most cameras open', '', open);
    } finally {
      for (const running of cameras) {
        running.close();
      }
    }
  },
};

/** How many cameras the device has open at this moment. */
async function countOpen(device: string): Promise<number> {
  const streams = (await (await fetch(`${device}/api/streams`)).json()) as Record<string, { state: string }>;
  return Object.values(streams).filter(({ state }) => state !== 'idle').length;
}
