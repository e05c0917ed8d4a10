import { setTimeout as sleep } from 'node:timers/promises';
import { openThinLink } from '../../device/test/support/thin-link.ts';
import type { Link } from '../../device/test/support/udp-relay.ts';
import type { Part, Recorder } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { warm } from '../support/device.ts';
import { alternate, openDevices, sides, takesPart } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

const link: Link = { loss: 0.01, delay: 25, rate: 4_000_000, queue: 200 };
const rounds = 4;
const switches = 6;
const outage = 1000;
const variantHeight = 240;

/** Four tiles of 400 kbit/s behind a link of 4 Mbit/s that takes 50 ms there and back, and loses a packet in a hundred. */
export const thinLink: Part = {
  name: 'thin-link',
  title: 'Behind a thin link',
  seconds: 60,
  async run(record) {
    record.settings.link = link;
    await using cameras = await openCameras(4);
    const variants = cameras.names.map((name) => [
      `${name}-${variantHeight}p`,
      { source: `ffmpeg:${name}#video=h264#height=${variantHeight}#bitrate=400`, preload: true },
    ]);
    await using devices = await openDevices({
      streams: { ...warm(cameras.urls), ...Object.fromEntries(variants) },
      // A tile that was stepped down meanwhile would show another size than the one that is waited for.
      multistream: { adaptive: false },
    });
    await using browser = await openBrowser();
    const tiles = cameras.names.map((stream) => ({ stream }));
    let turn = 0;
    await alternate(
      sides,
      record.rounds(rounds),
      async (side, round) => {
        if (!takesPart(side, round)) {
          return;
        }
        await using thin = await openThinLink(devices.of(side), link);
        await using wall = await WallPage.open(browser, side, [{ device: thin.url, tiles }]);
        await sleep(1500);
        for (let nth = 0; nth < 2 * record.rounds(switches / 2); nth++) {
          const reference = 1 + (turn++ % 3);
          await measureSwitch(record, wall, cameras.names[reference] ?? '', reference, nth % 2 === 1);
        }
        thin.relay.down.loss = thin.relay.up.loss = 1;
        await sleep(outage);
        thin.relay.down.loss = thin.relay.up.loss = link.loss;
        const recovery = await wall.page.evaluate(() => globalThis.measure.moving());
        record.add({ what: 'every tile moving again after an outage of 1 s', side: side.name, unit: 'ms' }, recovery);
      },
      record.until(1),
    );
  },
};

async function measureSwitch(
  record: Recorder,
  wall: WallPage,
  stream: string,
  reference: number,
  toVariant: boolean,
): Promise<void> {
  const tile = { stream, ...(toVariant ? { quality: `${variantHeight}p` } : {}) };
  // A variant is decoded and encoded again, and may be that much older than the camera.
  const [height, tolerance] = toVariant ? [variantHeight, 3] : [360, 1];
  const request = { index: 0, tile, reference, height, tolerance };
  const { firstFrame, liveFrame, beside } = await wall.switch(request, 400 + Math.random() * 600);
  const what = toVariant ? 'switch to a variant' : 'switch to a camera';
  const side = wall.side.name;
  record.add({ what: `${what}, first frame`, side, unit: 'ms' }, firstFrame, beside);
  record.add({ what: `${what}, live frame`, side, unit: 'ms' }, liveFrame, beside);
}
