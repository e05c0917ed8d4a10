import { setTimeout as sleep } from 'node:timers/promises';
import type { Part, Recorder } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { warm } from '../support/device.ts';
import { machineLoad, machineTime } from '../support/machine.ts';
import { cpuTime, descendants, memory, sum } from '../support/processes.ts';
import { alternate, openDevices, type Side, sides } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

const rounds = 2;
const window = 3000;
/** Once they play, the two kinds of iframes do the same. */
const compared = sides.filter(({ gopCache }) => gopCache);

/** CPU and memory of all the browser's processes, a fresh browser for each sample. */
export const browserCost: Part = {
  name: 'browser',
  title: 'What a wall costs the browser',
  seconds: 50,
  async run(record) {
    await using cameras = await openCameras(9);
    await using devices = await openDevices({ streams: warm(cameras.urls) });
    for (const count of [6, 9]) {
      const streams = cameras.names.slice(0, count);
      const trial = (side: Side) => measure(record, side, devices.of(side).url, streams);
      await alternate(compared, record.rounds(rounds), trial, record.until(count === 6 ? 0.5 : 1));
    }
  },
};

async function measure(record: Recorder, side: Side, device: string, streams: string[]): Promise<void> {
  await using browser = await openBrowser();
  const tiles = streams.map((stream) => ({ stream }));
  await using wall = await WallPage.open(browser, side, [{ device, tiles }]);
  // Lazily loaded parts and caches have settled.
  await sleep(2000);
  const processes = [browser.pid, ...descendants(browser.pid)];
  const [load, start, used] = [machineTime(), performance.now(), sum(processes, cpuTime)];
  await sleep(window);
  const cpu = ((sum(processes, cpuTime) - used) / (performance.now() - start)) * 100;
  const add = (what: string, unit: '% of a core' | 'MiB' | 'ms', sample: number) =>
    record.add({ what: `${what}, ${streams.length} tiles`, side: side.name, unit }, sample, machineLoad(load));
  add('CPU of the browser', '% of a core', cpu);
  add('memory of the browser', 'MiB', sum(processes, memory));
  add(
    'main thread blocked by long tasks, start included',
    'ms',
    await wall.page.evaluate(() => globalThis.measure.blocked()),
  );
}
