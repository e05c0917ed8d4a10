import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { freePort } from '../support/free-port.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';
import { perfectLink } from '../support/udp-relay.ts';
import { launchBrowser, openViewer, type Viewer, type ViewerOptions } from '../support/viewer.ts';

describe('between a browser and the device', () => {
  let device: RunningDevice;
  let browser: Browser;
  let port: number;
  let viewers: Viewer[] = [];

  before(async () => {
    port = await freePort('udp');
    device = await startDevice(
      `api: { listen: "127.0.0.1:0" }\nwebrtc:\n  listen: ":${port}"\n  candidates: ["203.0.113.7:8555", "localhost:8556", "unknown.invalid:8557"]\nstreams:\n` +
        '  cam: ffmpeg:virtual?video=testsrc2&size=720#video=h264\n  cam-180p: ffmpeg:cam#video=h264#height=180\n',
    );
    browser = await launchBrowser();
  });

  after(async () => {
    await browser.close();
    await device.stop();
  });

  async function watch<T>(options: ViewerOptions[], use: (...viewers: Viewer[]) => Promise<T>): Promise<T> {
    try {
      viewers = [];
      for (const one of options) {
        viewers.push(await openViewer(browser, device.url, [{ slot: 0, stream: 'cam' }], one));
      }
      return await use(...viewers);
    } finally {
      await Promise.all(viewers.map((viewer) => viewer.close()));
    }
  }

  const isOwn = (candidate: string) => candidate.split(' ')[5] === String(port);
  const plays = (viewer: Viewer, frames = 25) =>
    viewer.statsWhere(([inbound]) => (inbound?.framesDecoded ?? 0) >= frames);

  it('serves all viewers from one UDP port', () =>
    watch([{ hears: isOwn }, { hears: isOwn }], async (one, two) => {
      await Promise.all([plays(one as Viewer), plays(two as Viewer)]);
      for (const viewer of [one, two] as Viewer[]) {
        assert.equal((await viewer.deviceEnd()).port, port);
      }
    }));

  it('tells the addresses that the configuration names beside its own', () =>
    watch([{}], async (viewer) => {
      await plays(viewer as Viewer);
      const addresses = viewer?.candidates.map((line) => line.split(' ').slice(4, 6).join(':')) ?? [];
      assert.ok(addresses.includes('203.0.113.7:8555'), String(addresses));
      assert.ok(addresses.some((address) => address.endsWith(`:${port}`)));
      // By both of its transports.
      const named = viewer?.candidates.filter((line) => line.includes(' 203.0.113.7 8555 ')) ?? [];
      assert.deepEqual(named.map((line) => line.split(' ')[2]).sort(), ['UDP', 'tcp']);
    }));

  it('looks up the names among them, and leaves out an unknown one', () =>
    watch([{}], async (viewer) => {
      await plays(viewer as Viewer);
      const addresses = viewer?.candidates.map((line) => line.split(' ').slice(4, 6).join(':')) ?? [];
      assert.ok(addresses.includes('127.0.0.1:8556') || addresses.includes('::1:8556'), String(addresses));
      assert.ok(!addresses.some((address) => address.endsWith(':8557')));
      assert.match(device.stderr(), /"candidate":"unknown\.invalid".*candidate left out/);
    }));

  it('plays over IPv6', () =>
    watch([{ hears: (candidate) => candidate.split(' ')[4]?.includes(':') === true }], async (viewer) => {
      await plays(viewer as Viewer);
      assert.match((await (viewer as Viewer).deviceEnd()).address, /:/);
    }));

  it('plays over TCP to the same port number, over IPv4 and over IPv6', () => {
    const overTcp = (isIPv6: boolean) => (candidate: string) =>
      candidate.includes('tcptype') && isOwn(candidate) && candidate.split(' ')[4]?.includes(':') === isIPv6;
    return watch([{ hears: overTcp(false) }, { hears: overTcp(true) }], async (one, two) => {
      await Promise.all([plays(one as Viewer), plays(two as Viewer)]);
      const ends = await Promise.all([one, two].map((viewer) => (viewer as Viewer).deviceEnd()));
      assert.deepEqual(
        ends.map(({ protocol, port }) => [protocol, port]),
        [
          ['tcp', port],
          ['tcp', port],
        ],
      );
      assert.deepEqual(
        ends.map(({ address }) => address.includes(':')),
        [false, true],
      );
    });
  });

  it('sends again what a lossy link lost, so that the picture goes on', () =>
    watch([{ relayed: true, hears: isOwn }], async (viewer) => {
      await plays(viewer as Viewer);
      const { relay, statsWhere, stats } = viewer as Viewer;
      const [before] = await stats();
      Object.assign(relay?.down as object, { loss: 0.03 });
      const [after] = await statsWhere(([now]) => (now?.framesDecoded ?? 0) >= (before?.framesDecoded ?? 0) + 150);
      const received = (after?.packetsReceived ?? 0) - (before?.packetsReceived ?? 0);
      assert.ok((after?.nackCount ?? 0) > received * 0.01, `${after?.nackCount} packets asked for again`);
      // A packet that comes after all no longer counts as lost.
      assert.ok((after?.packetsLost ?? 0) < received * 0.01, `${after?.packetsLost} of ${received} packets lost`);
    }));

  it('steps a viewer down whose link is too thin, and up again when it is not', () =>
    watch([{ relayed: true, hears: isOwn }], async (viewer) => {
      const { statuses, statsWhere, statusWhere } = viewer as Viewer;
      await plays(viewer as Viewer, 50);
      const link = (viewer as Viewer).relay?.down as object;
      Object.assign(link, { rate: 500_000 });
      const from = statuses.length;
      const lower = await statusWhere(({ actual_quality }) => actual_quality === '180p', from);
      assert.deepEqual([lower.stream, lower.status], ['cam', 'active']);
      await statsWhere(([inbound]) => inbound?.frameHeight === 180);
      Object.assign(link, perfectLink);
      await statusWhere(
        ({ status, actual_quality }) => status === 'active' && actual_quality === undefined,
        statuses.length,
      );
      await statsWhere(([inbound]) => inbound?.frameHeight === 720);
    }));

  it('steps a viewer down whose link loses nothing, but makes it wait ever longer', () =>
    watch([{ relayed: true, hears: isOwn }], async (viewer) => {
      const { statuses, statusWhere, stats } = viewer as Viewer;
      await plays(viewer as Viewer, 50);
      const link = (viewer as Viewer).relay?.down as object;
      Object.assign(link, { rate: 500_000, queue: 60_000 });
      const lower = await statusWhere(({ actual_quality }) => actual_quality === '180p', statuses.length);
      assert.deepEqual([lower.stream, lower.status], ['cam', 'active']);
      assert.deepEqual(
        (await stats()).map(({ packetsLost }) => packetsLost),
        [0],
      );
    }));
});
