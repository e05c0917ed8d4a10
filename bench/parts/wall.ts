import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { openDevice, warm } from '../support/device.ts';
import { machineLoad, machineTime } from '../support/machine.ts';
import { cpuTime, descendants, memory, sum } from '../support/processes.ts';
import { alternate, sides } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

const deviceCount = 4;
const rounds = 1;
const window = 2000;
/** Two devices more for each of these would be more than the machine has for them. */
const compared = sides.filter(({ gopCache }) => gopCache);

/** A page with 36 tiles of four devices. Each device reads the same nine cameras, but in processes of its own. */
export const wall: Part = {
  name: 'wall',
  title: '36 cameras of four devices on one page',
  seconds: 35,
  async run(record) {
    await using cameras = await openCameras(9, { width: 320, height: 180, rate: 15, gop: 30, bitrate: 150 });
    await using stack = new AsyncDisposableStack();
    const opened = Array.from({ length: deviceCount }, () => openDevice({ streams: warm(cameras.urls) }));
    const devices = (await Promise.all(opened)).map((device) => stack.use(device).url);
    const tiles = cameras.names.map((stream) => ({ stream }));
    await alternate(
      compared,
      record.rounds(rounds),
      async (side) => {
        await using browser = await openBrowser();
        const load = machineTime();
        await using page = await WallPage.open(
          browser,
          side,
          devices.map((device) => ({ device, tiles })),
        );
        const add = (what: string, unit: 'ms' | '% of a core' | 'MiB', sample: number) =>
          record.add({ what, side: side.name, unit }, sample, machineLoad(load));
        add('page to all 36 first frames', 'ms', Math.max(...page.firstFrames));
        await sleep(2000);
        const processes = [browser.pid, ...descendants(browser.pid)];
        const [start, used] = [performance.now(), sum(processes, cpuTime)];
        await sleep(window);
        const cpu = ((sum(processes, cpuTime) - used) / (performance.now() - start)) * 100;
        add('CPU of the browser, 36 tiles', '% of a core', cpu);
        add('memory of the browser, 36 tiles', 'MiB', sum(processes, memory));
      },
      record.until(1),
    );
  },
};
