import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import puppeteer, { type Browser } from 'puppeteer-core';
import { type RunningDevice, startDevice } from '../../device/test/support/processes.ts';
import { chromiumArguments, findChromium } from '../../scripts/chromium.mjs';
import { type PageServer, servePages } from '../hosts/support/page-server.ts';
import { layouts } from './layouts.ts';

/** The box of every element, rounded to 1/64 of a pixel, which is what a browser lays out in. */
const boxes = `(() => {
  const shown = [...document.body.querySelectorAll('*')].filter((element) => element.dataset.multistream !== 'upgraded');
  return shown.filter(({ parentElement }) => parentElement.localName !== 'ms-grid').map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const { borderTopWidth, borderLeftStyle, borderRightColor, borderTopLeftRadius } = getComputedStyle(element);
    const name = element.localName.replace('iframe', 'camera').replace(/^ms-.*/, 'camera');
    const border = name === 'camera' ? [borderTopWidth, borderLeftStyle, borderRightColor, borderTopLeftRadius] : [];
    return [name, ...[x, y, width, height].map((value) => Math.round(value * 64) / 64), ...border].join(' ');
  });
})()`;

describe('the box of an upgraded iframe', () => {
  let device: RunningDevice;
  let browser: Browser;
  let server: PageServer;

  before(async () => {
    device = await startDevice(
      'api: { listen: "127.0.0.1:0", origin: "*" }\nwebrtc: { listen: ":0" }\n' +
        'streams:\n  camera: ffmpeg:virtual?video=testsrc&size=360#video=h264\n',
    );
    const pages = Object.entries(layouts).map(([, { css, html }], index) => {
      const camera = `src="${device.url}/stream.html?src=camera`;
      const body = html.replaceAll('CAMERA', `${camera}"`).replaceAll('SEVERAL', `${camera}&src=camera&src=camera"`);
      const text = `<!doctype html><style>${css}</style><body>${body}</body>`;
      return [`/${index}.html`, text] as const;
    });
    server = await servePages({ pages: Object.fromEntries(pages) });
    browser = await puppeteer.launch({ executablePath: findChromium() as string, args: chromiumArguments });
  });

  after(async () => {
    await browser.close();
    await server.close();
    await device.stop();
  });

  for (const [index, [name, { change }]] of Object.entries(layouts).entries()) {
    it(`is the same ${name}`, async () => {
      const page = await browser.newPage();
      try {
        await page.goto(`${server.url}/${index}.html`);
        const script = `${device.url}/iframe-upgrade.js`;
        const wide = { width: 1000, height: 800 };
        const narrow = { width: 420, height: 800 };
        const look = async () => {
          const seen: Record<string, unknown> = {};
          for (const viewport of [wide, narrow, wide]) {
            await page.setViewport(viewport);
            // Two frames: the upgrade looks at the page before the next one is drawn.
            await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
            seen[viewport.width] = await page.evaluate(boxes);
          }
          return seen;
        };
        await page.setViewport(wide);
        const before = await look();
        await page.addScriptTag({ url: script });
        assert.equal(await page.$$eval('iframe:not([data-multistream])', (left) => left.length), 0);
        assert.deepEqual(await look(), before);
        if (change !== undefined) {
          await page.evaluate('MultiStreamIframes.downgrade()');
          await page.evaluate(change);
          const changed = await page.evaluate(boxes);
          assert.notDeepEqual(changed, before[wide.width]);
          await page.evaluate('location.reload()');
          await page.waitForNavigation();
          await page.addScriptTag({ url: script });
          await page.evaluate(change);
          await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
          assert.deepEqual(await page.evaluate(boxes), changed);
        }
      } finally {
        await page.close();
      }
    });
  }
});
