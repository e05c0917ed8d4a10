import type { Part, Recorder } from '../part.ts';
import { type BenchBrowser, openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { until, warm } from '../support/device.ts';
import { machineTime } from '../support/machine.ts';
import { openRecordedCameras } from '../support/recorded-cameras.ts';
import { alternate, type Devices, openDevices, type Side, sidesOf, takesPart } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

interface Case {
  cameras: number;
  /** Walls of some of them: tiles, and rounds of warm and of cold ones. */
  walls: [tiles: number, warm: number, cold: number][];
  /** Rounds of a cold wall of all of them, whose cameras begin with a key frame. */
  fresh: number;
  /** The share of the part's time until the rounds end. */
  share: number;
}

const cases: Case[] = [
  {
    ...{ cameras: 6, fresh: 6, share: 0.6 },
    walls: [
      [6, 9, 6],
      [1, 3, 5],
      [4, 3, 5],
    ],
  },
  { cameras: 9, walls: [[9, 3, 5]], fresh: 5, share: 1 },
];

/** From the wall's being put into a page that has loaded nothing of ours to the last tile's first frame. */
export const connect: Part = {
  name: 'connect',
  title: 'From the page to every first frame',
  seconds: 300,
  compares: true,
  async run(record) {
    for (const one of cases) {
      await measureCase(record, one);
    }
  },
};

async function measureCase(record: Recorder, { cameras: count, walls, fresh, share }: Case) {
  const sides = sidesOf(record);
  await using cameras = await openCameras(count);
  // These have no other reader, so that each begins with a key frame when a viewer comes.
  await using others = await openRecordedCameras(count);
  const cold = (kind: string, urls: Record<string, string>) =>
    Object.fromEntries(Object.entries(urls).map(([name, source]) => [`${kind}-${name}`, { source, linger: '0s' }]));
  await using devices = await openDevices(
    { streams: { ...warm(cameras.urls), ...cold('cold', cameras.urls), ...cold('fresh', others.urls) } },
    sides,
  );
  await using browser = await openBrowser();
  const compare = (what: string, prefix: '' | 'cold-' | 'fresh-', tiles: number, rounds: number) =>
    alternate(
      sides,
      record.rounds(rounds),
      async (side, round) => {
        // A camera that was just opened has no GOP so far, with or without a cache.
        if (prefix === '' ? takesPart(side, round) : side.gopCache) {
          const streams = cameras.names.slice(0, tiles).map((name) => prefix + name);
          const { milliseconds, steal } = await measure(browser, devices, side, streams);
          record.add({ what, side: side.name, unit: 'ms' }, milliseconds, { steal });
          if (prefix !== '') {
            await until(devices.of(side).url, streams, 'idle');
          }
        }
      },
      record.until(share),
    );

  // Unrecorded: the browser has all pages in its cache then.
  for (const side of sides.filter(({ gopCache }) => gopCache)) {
    await measure(browser, devices, side, cameras.names);
  }
  // First, since what comes last gets the time that is left.
  await compare(`${count} cameras, cold, which begin with a key frame`, 'fresh-', count, fresh);
  for (const [tiles, warmRounds, coldRounds] of walls) {
    const cameraCount = tiles === 1 ? '1 camera' : `${tiles} cameras`;
    await compare(`${cameraCount}, warm`, '', tiles, warmRounds);
    await compare(`${cameraCount}, cold`, 'cold-', tiles, coldRounds);
  }
}

async function measure(browser: BenchBrowser, devices: Devices, side: Side, streams: string[]) {
  const before = machineTime();
  const tiles = streams.map((stream) => ({ stream }));
  await using wall = await WallPage.open(browser, side, [{ device: devices.of(side).url, tiles }]);
  return { milliseconds: Math.max(...wall.firstFrames), steal: machineTime().steal - before.steal };
}
