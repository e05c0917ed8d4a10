import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'puppeteer-core';
import { openBrowser } from '../support/browser.ts';
import { addresses, createNetworks, type Networks, networksFault, type ShapedLink } from '../support/networks.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';

const fault = networksFault();
const skipped = fault === null ? '' : ` (skipped: ${fault})`;
const colours = ['red', 'lime', 'blue'] as const;

/** The page's measurements: see `instruments`. */
declare const window: {
  colour(tile: number): string;
  age(): number;
  transport(): Promise<string>;
  shown: { all: number; old: number };
};
declare const document: { querySelector(name: string): { setAttribute(name: string, value: string): void } | null };

for (const [what, link] of [
  ['an open link', null],
  ['a link of 4 Mbit/s', { rate: 4_000_000, lossy: false }],
  ['a link of 4 Mbit/s that loses one packet in a hundred', { rate: 4_000_000, lossy: true }],
] as [string, ShapedLink | null][]) {
  describe(`a viewer who has TCP alone, behind ${what}`, { skip: fault !== null }, () => {
    let networks: Networks;
    let device: RunningDevice;
    let browser: Browser;
    let page: Page;

    before(async () => {
      networks = createNetworks({ viewersUdp: 'nowhere' });
      if (link !== null) {
        networks.shape(link);
      }
      const cameras = colours.map(
        (colour) => `  ${colour}: ffmpeg:virtual?video=color&color=${colour}&size=360#video=h264`,
      );
      // Half of the thin link.
      const busy = '  busy: ffmpeg:virtual?video=testsrc2&size=720#video=h264#bitrate=2000\n';
      device = await startDevice(
        `api: { listen: "${addresses.device}:1984", origin: "*" }\nwebrtc: { listen: ":8555" }\nstreams:\n${cameras.join('\n')}\n${busy}`,
        networks.within('device'),
      );
      browser = await openBrowser(networks.within('viewer'));
    });

    after(async () => {
      await browser?.close();
      await device?.stop();
      networks?.close();
    });

    beforeEach(async () => {
      page = await browser.newPage();
      await page.goto(`${device.url}/stream.html`);
      await page.evaluate(instruments);
      await page.setContent(
        `<ms-grid device-url="${device.url}">${[...colours, 'busy']
          .map((stream, slot) => `<ms-slot slot="${slot}" stream="${stream}"></ms-slot>`)
          .join('')}</ms-grid><script type="module" src="${device.url}/ms-grid.js"></script>`,
      );
      await Promise.all([shows(0, '255,0,0'), shows(1, '0,255,0'), shows(2, '0,0,255')]);
    });

    afterEach(() => page.close());

    /** Codecs change a colour a little: each part is 0 or 255 here. */
    const shows = (tile: number, colour: string) =>
      page.waitForFunction(
        (index: number, wanted: string) => window.colour(index) === wanted,
        { timeout: 20_000, polling: 20 },
        ...([tile, colour] as const),
      );

    it(`connects over the TCP port of the same number${skipped}`, async () => {
      assert.equal(await page.evaluate(() => window.transport()), `tcp ${addresses.device}:8555`);
    });

    it(`switches a tile${skipped}`, async () => {
      await page.evaluate(() => document.querySelector('ms-slot')?.setAttribute('stream', 'blue'));
      await shows(0, '0,0,255');
      await shows(1, '0,255,0');
    });

    it(`is live again after a second in which nothing came through, without what was missed${skipped}`, async (test) => {
      await isLive();
      networks.cutPath();
      await sleep(1000);
      networks.returnPath();
      const returned = performance.now();
      await page.evaluate(() => {
        window.shown = { all: 0, old: 0 };
      });
      await page.waitForFunction(() => window.shown.all > 0 && window.age() < 200, { timeout: 10_000, polling: 20 });
      report(test, `live ${Math.round(performance.now() - returned)} ms after the path's return`);
      const { old } = await page.evaluate(() => window.shown);
      // Half a second before the cut is noticed, at 25 pictures a second.
      assert.ok(old <= 15, `${old} old pictures`);
    });

    const isLive = () => page.waitForFunction(() => window.shown.all > 50 && window.age() < 200, { timeout: 20_000 });
    const report = (test: TestContext, text: string) => test.diagnostic(`${what}: ${text}; device ${memory()} MiB`);
    const memory = () =>
      Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${device.pid}/status`, 'utf8'))?.[1]) / 1024);
  });
}

/**
 * Runs in the page: keeps its connection in sight, and looks at its tiles.
 * - `colour(tile)`: in the tile's middle, such as `255,0,0`, each part 0 or 255; empty without a picture.
 * - `age()`: how much later the newest picture of the first tile came than the promptest one ever, in milliseconds.
 * - `shown`: that tile's pictures so far, and how many of them came more than half a second late.
 * - `transport()`: the device's end of the pair in use.
 */
const instruments = `{
  const real = window.RTCPeerConnection;
  const connections = [];
  window.RTCPeerConnection = class extends real {
    constructor(configuration) {
      super(configuration);
      connections.push(this);
    }
  };
  const video = (tile) => document.querySelectorAll('ms-slot')[tile]?.shadowRoot?.querySelector('video');
  window.colour = (tile) => {
    const picture = video(tile);
    if (!picture?.videoWidth || !(picture.currentTime > 0)) return '';
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    canvas.drawImage(picture, 0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data.subarray(0, 3)].map((part) => (part > 127 ? 255 : 0)).join();
  };
  window.transport = async () => {
    for (const connection of connections) {
      const stats = await connection.getStats();
      const pair = stats.get([...stats.values()].find(({ type }) => type === 'transport')?.selectedCandidatePairId);
      const { protocol, address, port } = stats.get(pair?.remoteCandidateId) ?? {};
      if (protocol) return protocol + ' ' + address + ':' + port;
    }
  };
  window.shown = { all: 0, old: 0 };
  let earliest = Infinity;
  let latest = 0;
  let watched;
  window.age = () => latest - earliest;
  const look = (picture) => picture.requestVideoFrameCallback((now, { rtpTimestamp }) => {
    // The device's RTP clock runs with real time, so the difference is the picture's delay and a constant.
    latest = now - rtpTimestamp / 90;
    earliest = Math.min(earliest, latest);
    window.shown.all++;
    window.shown.old += latest - earliest > 500 ? 1 : 0;
    look(picture);
  });
  setInterval(() => {
    if (watched !== video(0)) {
      watched = video(0);
      watched && look(watched);
    }
  }, 20);
}`;
