import type { Part, Recorder } from '../part.ts';
import { type BenchBrowser, openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { warm } from '../support/device.ts';
import { machineTime } from '../support/machine.ts';
import { alternate, type Devices, openDevices, type Side, sides, takesPart } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

interface Case {
  cameras: number;
  /** Walls of some of them: tiles, and rounds of each. */
  warm: [tiles: number, rounds: number][];
  /** Of the part's time, until the rounds end. */
  share: number;
}

const cases: Case[] = [
  {
    ...{ cameras: 6, share: 0.65 },
    warm: [
      [6, 9],
      [1, 3],
      [4, 3],
    ],
  },
  { cameras: 9, share: 1, warm: [[9, 3]] },
];

/** From the wall's being put into a page that has loaded nothing of ours to the last tile's first frame. */
export const connect: Part = {
  name: 'connect',
  title: 'From the page to every first frame',
  seconds: 60,
  async run(record) {
    for (const one of cases) {
      await measureCase(record, one);
    }
  },
};

async function measureCase(record: Recorder, { cameras: count, warm: walls, share }: Case) {
  await using cameras = await openCameras(count);
  const cold = Object.entries(cameras.urls).map(([name, source]) => [`cold-${name}`, { source, linger: '0s' }]);
  await using devices = await openDevices({ streams: { ...warm(cameras.urls), ...Object.fromEntries(cold) } });
  await using browser = await openBrowser();
  const compare = (what: 'warm' | 'cold', tiles: number, rounds: number) =>
    alternate(
      sides,
      record.rounds(rounds),
      async (side, round) => {
        // A camera that was just opened has no GOP so far, with or without a cache.
        if (what === 'warm' ? takesPart(side, round) : side.gopCache) {
          const streams = cameras.names.slice(0, tiles).map((name) => (what === 'warm' ? name : `cold-${name}`));
          const { milliseconds, steal } = await measure(browser, devices, side, streams);
          const cameraCount = tiles === 1 ? '1 camera' : `${tiles} cameras`;
          record.add({ what: `${cameraCount}, ${what}`, side: side.name, unit: 'ms' }, milliseconds, { steal });
        }
      },
      record.until(share),
    );

  // Unrecorded: the browser has both pages in its cache then.
  for (const side of sides.filter(({ gopCache }) => gopCache)) {
    await measure(browser, devices, side, cameras.names);
  }
  for (const [tiles, rounds] of walls) {
    await compare('warm', tiles, rounds);
    await compare('cold', tiles, 1);
  }
}

async function measure(browser: BenchBrowser, devices: Devices, side: Side, streams: string[]) {
  const before = machineTime();
  const tiles = streams.map((stream) => ({ stream }));
  await using wall = await WallPage.open(browser, side, [{ device: devices.of(side).url, tiles }]);
  return { milliseconds: Math.max(...wall.firstFrames), steal: machineTime().steal - before.steal };
}
