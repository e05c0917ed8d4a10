import assert from 'node:assert/strict';
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
});
