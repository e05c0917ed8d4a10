import { setTimeout as sleep } from 'node:timers/promises';
import { chromiumArguments } from '../../scripts/chromium.mjs';
import type { Part, Recorder } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { openDevice, warm } from '../support/device.ts';
import { machineLoad, machineTime } from '../support/machine.ts';
import { cpuTime, descendants, memory, sum } from '../support/processes.ts';
import { alternate, type Side, sides } from '../support/sides.ts';

/** By tiles. */
const rounds = { 6: 2, 9: 2 };
const window = 2500;
/** Once they play, the two kinds of iframes do the same. */
const compared = sides.filter(({ gopCache }) => gopCache);

/** CPU and memory of all the browser's processes, a fresh browser for each sample. */
export const browserCost: Part = {
  name: 'browser',
  title: 'What a wall costs the browser',
  seconds: 60,
  async run(record) {
    await using cameras = await openCameras(9);
    await using device = await openDevice({ streams: warm(cameras.urls) });
    for (const count of [6, 9] as const) {
      const streams = cameras.names.slice(0, count);
      const trial = (side: Side) => measure(record, side, device.url, streams);
      await alternate(compared, record.rounds(rounds[count]), trial, record.until(count === 6 ? 0.5 : 1));
    }
  },
};

async function measure(record: Recorder, side: Side, device: string, streams: string[]): Promise<void> {
  await using browser = await openBrowser(chromiumArguments);
  const tiles = streams.map((stream) => ({ stream }));
  const page = await browser.browser.newPage();
  // Another site than the device's, as in the field: the browser gives its iframes a process of their own.
  await page.goto(browser.page.replace('127.0.0.1', 'localhost'));
  await page.waitForFunction('globalThis.measure !== undefined');
  await page.evaluate((kind, list) => void globalThis.measure.place(kind, list), side.wall, [{ device, tiles }]);
  await untilActive(device, streams.length);
  // Lazily loaded parts and caches have settled.
  await sleep(1500);
  const processes = [browser.pid, ...descendants(browser.pid)];
  const [load, start, used] = [machineTime(), performance.now(), sum(processes, cpuTime)];
  await sleep(window);
  const cpu = ((sum(processes, cpuTime) - used) / (performance.now() - start)) * 100;
  const add = (what: string, unit: '% of a core' | 'MiB' | 'ms', sample: number) =>
    record.add({ what: `${what}, ${streams.length} tiles`, side: side.name, unit }, sample, machineLoad(load));
  add('CPU of the browser', '% of a core', cpu);
  add('memory of the browser', 'MiB', sum(processes, memory));
  const blocked = await page.evaluate(() => globalThis.measure.blocked());
  add("the host page's main thread blocked by long tasks, start included", 'ms', blocked);
}

/** The page cannot look into an iframe of another site; the device knows what plays. */
async function untilActive(device: string, count: number): Promise<void> {
  const playing = new RegExp(`^multistream_slots\\{status="active"\\} ${count}$`, 'm');
  while (!playing.test(await (await fetch(`${device}/metrics`)).text())) {
    await sleep(50);
  }
}
