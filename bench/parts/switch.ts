import { setTimeout as sleep } from 'node:timers/promises';
import type { Part, Recorder } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { type CameraKind, openCameras } from '../support/cameras.ts';
import { warm } from '../support/device.ts';
import { alternate, openDevices, type Side, sidesOf, takesPart } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

interface Case {
  name: string;
  kind: Partial<CameraKind>;
  cameras: number;
  rounds: number;
  /** The share of the part's time until its rounds end. */
  share: number;
  /** Switches in a round, by side. */
  switches: Partial<Record<Side['name'], number>> & { multistream: number };
}

const few = { multistream: 16, iframes: 5, 'iframes without GOP cache': 1 };
const large = { multistream: 10, iframes: 5, 'iframes without GOP cache': 1 };

const cases: Case[] = [
  {
    ...{ name: '360p, GOP 2 s', kind: {}, cameras: 6, rounds: 2, share: 0.5 },
    switches: { multistream: 25, iframes: 8, 'iframes without GOP cache': 3 },
  },
  { name: '360p, GOP 1 s', kind: { gop: 25 }, cameras: 4, rounds: 1, share: 0.6, switches: few },
  {
    ...{ name: '360p, GOP 10 s', kind: { gop: 250 }, cameras: 4, rounds: 1, share: 0.8 },
    switches: { multistream: 16, iframes: 5, 'iframes without GOP cache': 1 },
  },
  {
    ...{ name: '720p, GOP 2 s', kind: { width: 1280, height: 720, bitrate: 1500 } },
    ...{ cameras: 3, rounds: 1, share: 0.9, switches: large },
  },
  {
    ...{ name: '1080p, GOP 2 s', kind: { width: 1920, height: 1080, bitrate: 3000 } },
    ...{ cameras: 3, rounds: 1, share: 1, switches: large },
  },
];

/** From the moment that a switch to another camera is due to its first frame, and to a live one. */
export const switching: Part = {
  name: 'switch',
  title: 'Another camera in a tile',
  seconds: 140,
  compares: true,
  async run(record) {
    for (const one of cases) {
      await runCase(one, record);
    }
  },
};

async function runCase({ name, kind, cameras: count, rounds, share, switches }: Case, record: Recorder): Promise<void> {
  await using cameras = await openCameras(count, kind);
  const all = sidesOf(record);
  await using devices = await openDevices({ streams: warm(cameras.urls) }, all);
  await using browser = await openBrowser();
  const tiles = cameras.names.map((stream) => ({ stream }));
  let turn = 0;
  await alternate(
    all,
    record.rounds(rounds),
    async (side, round) => {
      if (!takesPart(side, round)) {
        return;
      }
      await using wall = await WallPage.open(browser, side, [{ device: devices.of(side).url, tiles }]);
      await sleep(500);
      for (let nth = 0; nth < record.rounds(switches[side.name] ?? switches.multistream); nth++) {
        // Tile 0 takes in turn what each of the others has shown all along.
        const reference = 1 + (turn++ % (count - 1));
        const request = { index: 0, tile: { stream: cameras.names[reference] ?? '' }, reference };
        const { firstFrame, liveFrame, firstFrameAge, beside } = await wall.switch(request, randomPause());
        const add = (what: string, unit: 'ms' | 'frames', sample: number) =>
          record.add({ what: `${what}, ${name}`, side: side.name, unit }, sample, beside);
        add('switch to first frame', 'ms', firstFrame);
        add('switch to live frame', 'ms', liveFrame);
        add('age of the first frame', 'frames', firstFrameAge);
      }
    },
    record.until(share),
  );
}

/**
 * Long enough for the tile to be at rest again. What follows from one pause to the next, over cameras whose key frames
 * come at different times, is any moment of the GOP.
 */
function randomPause(): number {
  return 100 + Math.random() * 200;
}
