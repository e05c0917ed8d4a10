import { setTimeout as sleep } from 'node:timers/promises';
import type { Tile } from '../page/walls.ts';
import type { Part, Recorder } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { alternate, openDevices, type Side, sides, takesPart } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

const warmRounds = 1;
const coldRounds = 10;
const heights = { native: 1080, '720p': 720, '360p': 360 } as const;
type Quality = keyof typeof heights;

/** Each followed by the next, so that tile 0 comes back to where it began. */
const warmSteps: Quality[] = ['720p', 'native', '360p', '720p', '360p', 'native'];
const coldSteps: Quality[] = ['360p', 'native', '720p', 'native'];
/** How often a wall goes through all steps; where each waits for a key frame, once is enough. */
const passes = ({ gopCache }: Side) => (gopCache ? 2 : 1);

/** From the moment that a switch to another quality of the same camera is due. */
export const quality: Part = {
  name: 'quality',
  title: 'Another quality in a tile',
  seconds: 130,
  async run(record) {
    await using cameras = await openCameras(1, { width: 1920, height: 1080, bitrate: 2500 });
    const variant = (height: number) => ({ source: `ffmpeg:camera1#video=h264#height=${height}`, linger: '0s' });
    await using devices = await openDevices({
      streams: {
        camera1: { source: cameras.urls.camera1, preload: true },
        'camera1-720p': variant(720),
        'camera1-360p': variant(360),
      },
    });
    await using browser = await openBrowser();
    const open = (side: Side, tiles: Quality[]) =>
      WallPage.open(browser, side, [{ device: devices.of(side).url, tiles: tiles.map(toTile) }]);

    await alternate(
      sides,
      record.rounds(warmRounds),
      async (side, round) => {
        if (!takesPart(side, round)) {
          return;
        }
        // Three tiles show one quality each all along: that keeps the variants warm, and says what is live.
        const shown: Quality[] = ['native', '720p', '360p'];
        await using wall = await open(side, ['native', ...shown]);
        await sleep(1000);
        for (const wished of steps(warmSteps, side)) {
          await measure(record, wall, wished, 1 + shown.indexOf(wished), `to a warm ${wished}`);
        }
      },
      record.until(1),
    );
    await alternate(
      sides,
      record.rounds(coldRounds),
      async (side, round) => {
        if (!takesPart(side, round)) {
          return;
        }
        await using wall = await open(side, ['native', 'native']);
        await sleep(1000);
        for (const wished of steps(coldSteps, side)) {
          const what = wished === 'native' ? null : `to a cold ${wished}`;
          await measure(record, wall, wished, 1, what);
        }
      },
      record.until(1),
    );
  },
};

/** @param what null: only on the way to the next one */
async function measure(record: Recorder, wall: WallPage, wished: Quality, reference: number, what: string | null) {
  const { side, ...request } = { side: wall.side, index: 0, tile: toTile(wished), height: heights[wished], reference };
  // A variant is decoded and encoded again; where the reference is the camera itself, it may be that much older.
  const tolerance = reference === 1 && wished !== 'native' ? 3 : 1;
  const { firstFrame, liveFrame, beside } = await wall.switch({ ...request, tolerance }, 200 + Math.random() * 300);
  if (what !== null) {
    record.add({ what: `${what}, first frame`, side: side.name, unit: 'ms' }, firstFrame, beside);
    record.add({ what: `${what}, live frame`, side: side.name, unit: 'ms' }, liveFrame, beside);
  }
}

function steps(list: Quality[], side: Side): Quality[] {
  return Array.from({ length: passes(side) }, () => list).flat();
}

function toTile(quality: Quality): Tile {
  return { stream: 'camera1', ...(quality === 'native' ? {} : { quality }) };
}
