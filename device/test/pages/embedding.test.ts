import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import puppeteer, { type Browser } from 'puppeteer-core';
import { chromiumArguments, findChromium } from '../../../scripts/chromium.mjs';
import { type RunningDevice, startDevice } from '../support/processes.ts';

describe("another site's page", () => {
  let server: Server;
  let origin: string;
  let browser: Browser;
  let open: RunningDevice;
  let listing: RunningDevice;

  before(async () => {
    server = createServer(({ url = '' }, answer) => {
      answer.setHeader('Content-Type', 'text/html');
      // Such a page shows nothing of other origins that does not allow it expressly.
      if (url.includes('isolated')) {
        answer.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
      }
      if (url.includes('hides')) {
        answer.setHeader('Referrer-Policy', 'no-referrer');
      }
      answer.end('<!doctype html>');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const device = (more: string) =>
      startDevice(`
api: { listen: "127.0.0.1:0"${more} }
webrtc: { listen: ":0" }
streams: { a: "ffmpeg:virtual?video=testsrc&size=160x90#video=h264" }
`);
    [open, listing] = await Promise.all([device(''), device(`, origin: "${origin}"`)]);
    browser = await puppeteer.launch({ executablePath: findChromium() as string, args: chromiumArguments });
  });

  after(async () => {
    await browser.close();
    server.close();
    await Promise.all([open.stop(), listing.stop()]);
  });

  /** How wide a still is in an image tag there; 0 if the browser or the device keeps it back. */
  async function width(path: string, device: RunningDevice): Promise<number> {
    const page = await browser.newPage();
    try {
      await page.goto(`${origin}/${path}`);
      return (await page.evaluate(`new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve(image.naturalWidth);
        image.onerror = () => resolve(0);
        image.src = '${device.url}/api/frame.jpeg?src=a';
      })`)) as number;
    } finally {
      await page.close();
    }
  }

  it('shows a still only where the device lists it, isolated pages included', async () => {
    assert.equal(await width('', open), 0);
    assert.equal(await width('', listing), 160);
    assert.equal(await width('isolated', listing), 160);
    assert.equal(await width('hides', listing), 0);
  });

  it("shows the device's own page in a frame only where the device lists it", async () => {
    for (const [device, shown] of [
      [open, false],
      [listing, true],
    ] as const) {
      const page = await browser.newPage();
      try {
        await page.goto(origin);
        const loaded = page.evaluate(`new Promise((resolve) => {
          const frame = document.createElement('iframe');
          frame.onload = resolve;
          frame.src = '${device.url}/stream.html?src=a';
          document.body.append(frame);
        })`);
        await loaded;
        const frame = page.frames()[1];
        assert.equal(frame?.url().startsWith(device.url), shown);
      } finally {
        await page.close();
      }
    }
  });
});
