import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { chromiumArguments, findChromium } from '../../../scripts/chromium.mjs';
import { type RunningDevice, startDevice } from '../support/processes.ts';

const names = [1, 2, 3, 4, 5, 6].map((number) => `camera${number}`);
/** The names of the embedded configuration, in pictures that cost little. */
const streams = names.flatMap((name) => [
  `  ${name}: ffmpeg:virtual?video=smptebars&size=360&rate=25#video=h264`,
  `  ${name}-360p: ffmpeg:${name}#video=h264#height=180`,
]);
const config = `api: { listen: "127.0.0.1:0" }\nwebrtc: { listen: ":0" }\nstreams:\n${streams.join('\n')}\n`;

describe('the demo', () => {
  let device: RunningDevice;
  let browser: Browser;

  before(async () => {
    device = await startDevice(config);
    browser = await puppeteer.launch({ executablePath: findChromium() as string, args: chromiumArguments });
  });

  after(async () => {
    await browser.close();
    await device.stop();
  });

  async function withPage(path: string, use: (page: Page) => Promise<void>): Promise<void> {
    const page = await browser.newPage();
    const complaints: unknown[] = [];
    page.on('pageerror', (error) => complaints.push(error));
    try {
      await page.setViewport({ width: 1280, height: 800 });
      await page.goto(`${device.url}/${path}`);
      await use(page);
      assert.deepEqual(complaints, []);
    } finally {
      await page.close();
    }
  }

  const states = "[...document.querySelectorAll('ms-slot')].map(({ state }) => state)";
  const until = (page: Page, condition: string) => page.waitForFunction(condition, { timeout: 30_000 });

  it('shows a wall of as many tiles as one chooses, and tells what a switch took', () =>
    withPage('?tiles=4', async (page) => {
      await until(page, `${states}.join() === 'active,active,active,active'`);
      await page.click('#tiles [value="6"]');
      await until(page, `${states}.filter((state) => state === 'active').length === 6`);
      await page.click('#cameras [value="camera5"]');
      await until(page, "/^\\d+ ms$/.test(document.getElementById('live').textContent)");
      await page.click('#themes [value="light"]');
      assert.equal(await page.evaluate("document.querySelector('ms-grid').theme"), 'light');
    }));

  it('shows how tiles fail while others play', () =>
    withPage('states.html', async (page) => {
      await until(page, `${states}.slice(0, 6).join() === 'active,error,inactive,waiting,error,active'`);
      await page.click('#switch');
      await until(page, `${states}[0] === 'error'`);
    }));

  it('measures iframes beside a wall', () =>
    withPage('compare.html', async (page) => {
      await until(page, "document.querySelectorAll('#results tr').length === 3");
      const cells = (await page.evaluate(
        "[...document.querySelectorAll('#results td')].map(({ textContent }) => textContent)",
      )) as string[];
      assert.ok(
        cells.slice(0, 4).every((cell) => /^\d+ ms$/.test(cell)),
        cells.join(),
      );
      assert.deepEqual(cells.slice(4), ['6', '1']);
    }));

  it('works under a path in front of it, as behind a proxy that removes one', async () => {
    const proxy = await startPrefixProxy('/some/cams', device.url);
    try {
      for (const path of ['?tiles=4', 'states.html', 'stream.html?src=camera1']) {
        const page = await browser.newPage();
        await page.goto(`${proxy.url}/${path}`);
        await until(page, path.startsWith('stream') ? videoPlays : `${states}[0] === 'active'`);
        await page.close();
      }
      assert.deepEqual(proxy.elsewhere, []);
    } finally {
      await proxy.close();
    }
  });
});

const videoPlays = "document.querySelector('video').currentTime > 0.2";

/** Passes what comes under the prefix on without it, and keeps what is asked for elsewhere. */
async function startPrefixProxy(prefix: string, target: string) {
  const elsewhere: string[] = [];
  const ways = new Set<Duplex>();
  const onward = ({ url = '', method, headers }: IncomingMessage): ClientRequest | null => {
    if (!url.startsWith(`${prefix}/`)) {
      elsewhere.push(url);
      return null;
    }
    return request(target + url.slice(prefix.length), { method, headers });
  };
  const server = createServer((incoming, answer) => {
    const asked = onward(incoming);
    if (asked === null) {
      answer.writeHead(404).end();
      return;
    }
    asked.on('response', (response) => {
      answer.writeHead(response.statusCode as number, response.headers);
      response.pipe(answer);
    });
    asked.on('error', () => answer.destroy());
    asked.end();
  });
  server.on('upgrade', (incoming, socket) => {
    const asked = onward(incoming);
    ways.add(socket.on('error', () => {}));
    asked?.on('upgrade', ({ headers }, way) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
      way.on('error', () => {});
      way.pipe(socket).pipe(way);
    });
    asked?.on('error', () => socket.destroy());
    asked?.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    elsewhere,
    close: async () => {
      for (const way of ways) {
        way.destroy();
      }
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
