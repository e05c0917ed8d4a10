import type { Part, Recorder } from '../part.ts';
import { type BenchBrowser, openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { warm } from '../support/device.ts';
import { machineTime } from '../support/machine.ts';
import { alternate, type Devices, openDevices, type Side, sides, takesPart } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

/** Rounds of a device that reads the cameras already, and of one that has to open them; the part's time until they end. */
const cases = [
  { cameras: 6, warm: 9, cold: 2, share: 0.45 },
  { cameras: 1, warm: 3, cold: 1, share: 0.6 },
  { cameras: 4, warm: 3, cold: 1, share: 0.75 },
  { cameras: 9, warm: 3, cold: 1, share: 1 },
];

/** From the wall's being put into a page that has loaded nothing of ours to the last tile's first frame. */
export const connect: Part = {
  name: 'connect',
  title: 'From the page to every first frame',
  seconds: 80,
  async run(record) {
    for (const one of cases) {
      await measureCase(record, one);
    }
  },
};

async function measureCase(
  record: Recorder,
  { cameras: count, warm: warmRounds, cold: coldRounds, share }: (typeof cases)[0],
) {
  await using cameras = await openCameras(count);
  const cold = Object.entries(cameras.urls).map(([name, source]) => [`cold-${name}`, { source, linger: '0s' }]);
  await using devices = await openDevices({ streams: { ...warm(cameras.urls), ...Object.fromEntries(cold) } });
  await using browser = await openBrowser();
  const compare = (rounds: number, what: 'warm' | 'cold', streams: string[]) =>
    alternate(
      sides,
      record.rounds(rounds),
      async (side, round) => {
        // A camera that was just opened has no GOP so far, with or without a cache.
        if (what === 'warm' ? takesPart(side, round) : side.gopCache) {
          const { milliseconds, steal } = await measure(browser, devices, side, streams);
          const cameras = count === 1 ? '1 camera' : `${count} cameras`;
          record.add({ what: `${cameras}, ${what}`, side: side.name, unit: 'ms' }, milliseconds, { steal });
        }
      },
      record.until(share),
    );

  // Unrecorded: the browser has both pages in its cache then.
  for (const side of sides.filter(({ gopCache }) => gopCache)) {
    await measure(browser, devices, side, cameras.names);
  }
  await compare(warmRounds, 'warm', cameras.names);
  if (coldRounds > 0) {
    const names = cameras.names.map((name) => `cold-${name}`);
    await compare(coldRounds, 'cold', names);
  }
}

async function measure(browser: BenchBrowser, devices: Devices, side: Side, streams: string[]) {
  const before = machineTime();
  const tiles = streams.map((stream) => ({ stream }));
  await using wall = await WallPage.open(browser, side, [{ device: devices.of(side).url, tiles }]);
  return { milliseconds: Math.max(...wall.firstFrames), steal: machineTime().steal - before.steal };
}
