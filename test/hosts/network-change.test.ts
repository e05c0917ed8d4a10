import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { openBrowser } from '../../device/test/support/browser.ts';
import { addresses, createNetworks, type Networks, networksFault } from '../../device/test/support/networks.ts';
import { type RunningDevice, startDevice } from '../../device/test/support/processes.ts';
import { type Visit, visit } from './support/visit.ts';

const fault = networksFault();
const skipped = fault === null ? '' : ` (skipped: ${fault})`;

describe('a wall on a computer that changes its network', { skip: fault !== null }, () => {
  let networks: Networks;
  let device: RunningDevice;
  let browser: Browser;

  before(async () => {
    networks = createNetworks({ viewersUdp: 'to the device' });
    device = await startDevice(
      `
api: { listen: "${addresses.device}:0" }
webrtc: { listen: ":8555", ice_servers: [] }
streams:
  one: ffmpeg:virtual?video=testsrc&size=320x180#video=h264
  two: ffmpeg:virtual?video=testsrc2&size=320x180#video=h264
`,
      networks.within('device'),
    );
    browser = await openBrowser(networks.within('viewer'));
  });

  after(async () => {
    await browser?.close();
    await device?.stop();
    networks?.close();
  });

  const tiles = "[...document.querySelectorAll('ms-slot')]";
  const active = `${tiles}.every(({ state }) => state === 'active')`;
  const stale = `${tiles}.every((slot) => slot.matches(':state(stale)'))`;
  const live = `${active} && !${tiles}.some((slot) => slot.matches(':state(stale)'))`;
  /** A new session opens beside the old one and closes it when it plays itself, so for a moment there are two. */
  const aNewSessionAlone = `
    testing.peers.length > 1 &&
    testing.peers.filter(({ connectionState }) => connectionState !== 'closed').length === 1 &&
    testing.sockets.filter(({ readyState }) => readyState < 2).length === 1`;

  async function play({ page, until }: Visit): Promise<void> {
    await until(`${tiles}.length === 2 && ${active}`);
    await page.evaluate('globalThis.page = "the same"');
  }

  it(`keeps its last pictures without one, and plays again with its new address, on the same page${skipped}`, () =>
    visit(browser, `${device.url}/?tiles=2`, async (seen) => {
      await play(seen);
      networks.unplugViewer();
      await seen.until(stale);
      const pictures = `${tiles}.map((slot) => slot.shadowRoot.querySelectorAll('video').length)`;
      assert.deepEqual(await seen.page.evaluate(pictures), [1, 1]);
      networks.plugInViewer('10.201.1.77');
      // Tiles that only stand still call themselves active, too.
      await seen.until(aNewSessionAlone);
      await seen.until(live);
      assert.equal(await seen.page.evaluate('globalThis.page'), 'the same');
    }));

  it(`does not wait until it sees them stand still, where one network follows the other at once${skipped}`, () =>
    visit(browser, `${device.url}/?tiles=2`, async (seen) => {
      await play(seen);
      const movedAt = performance.now();
      networks.unplugViewer();
      networks.plugInViewer('10.201.1.78');
      await seen.until("testing.peers.length > 1 && testing.peers[0].connectionState === 'closed'");
      // The watch over pictures that stand still takes a new session after nine.
      assert.ok(performance.now() - movedAt < 8000);
      await seen.until(aNewSessionAlone);
      await seen.until(live);
      assert.equal(await seen.page.evaluate('globalThis.page'), 'the same');
    }));
});
