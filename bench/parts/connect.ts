import type { Part, Recorder } from '../part.ts';
import { type BenchBrowser, openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { warm } from '../support/device.ts';
import { machineTime } from '../support/machine.ts';
import { alternate, type Devices, openDevices, type Side, sides } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

/** Rounds by number of cameras. */
const warmRounds = { 1: 4, 4: 4, 6: 12, 9: 4 };
const coldRounds = 3;

/** From the wall's being put into a page that has loaded nothing of ours to the last tile's first frame. */
export const connect: Part = {
  name: 'connect',
  title: 'From the page to every first frame',
  async run(record) {
    await using cameras = await openCameras(9);
    const cold = Object.entries(cameras.urls).map(([name, source]) => [`cold-${name}`, { source, linger: '0s' }]);
    const streams = { ...warm(cameras.urls), ...Object.fromEntries(cold) };
    await using devices = await openDevices({ streams });
    await using browser = await openBrowser();
    const trial = (side: Side, tiles: string[]) => measure(browser, devices, side, tiles);

    // Unrecorded: the browser has each page in its cache then.
    await alternate(sides, 1, async (side) => {
      await trial(side, cameras.names);
    });
    for (const [count, rounds] of Object.entries(warmRounds)) {
      await alternate(sides, record.rounds(rounds), async (side) => {
        add(record, side, `${count} warm`, await trial(side, cameras.names.slice(0, Number(count))));
      });
    }
    await alternate(sides, record.rounds(coldRounds), async (side) => {
      const names = cameras.names.slice(0, 6).map((name) => `cold-${name}`);
      add(record, side, '6 cold', await trial(side, names));
    });
  },
};

interface Trial {
  milliseconds: number;
  steal: number;
}

async function measure(browser: BenchBrowser, devices: Devices, side: Side, streams: string[]): Promise<Trial> {
  const before = machineTime();
  const tiles = streams.map((stream) => ({ stream }));
  await using wall = await WallPage.open(browser, side, [{ device: devices.of(side).url, tiles }]);
  return { milliseconds: Math.max(...wall.firstFrames), steal: machineTime().steal - before.steal };
}

function add(record: Recorder, { name }: Side, cameras: string, { milliseconds, steal }: Trial): void {
  const what = `page to all first frames, ${cameras.replace(' ', ' cameras, ')}`;
  record.add({ what, side: name, unit: 'ms' }, milliseconds, { steal });
}
