import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
// @ts-expect-error: a script of the page, without types.
import { tell } from '../../demo/kiosk-texts.js';
import { type RunningDevice, startDevice } from '../../device/test/support/processes.ts';
import { chromiumArguments, findChromium } from '../../scripts/chromium.mjs';
import { cameras } from './support/installation.ts';
import { type Visit, visit } from './support/visit.ts';

const token = 'the-token-of-this-test-0123456789';
const names = ['red', 'green', 'blue', 'yellow'];

describe('the pages of a device', () => {
  let device: RunningDevice;
  let browser: Browser;

  before(async () => {
    device = await start(names);
    browser = await puppeteer.launch({ executablePath: findChromium() as string, args: chromiumArguments });
  });

  after(async () => {
    await browser?.close();
    await device?.stop();
  });

  /** A device that has these cameras, each of one colour. */
  function start(streams: readonly string[], port = 0): Promise<RunningDevice> {
    const sources = streams.map((name) => {
      const color = Buffer.from(cameras[name] ?? []).toString('hex');
      return `  ${name}: ffmpeg:virtual?video=color&color=0x${color}&size=320x180&rate=10#video=h264\n`;
    });
    return startDevice(
      `api: {listen: "127.0.0.1:${port}", tokens: [{token: "${token}"}]}\nwebrtc: {listen: ":0"}\nstreams:\n${sources.join('')}`,
    );
  }

  const open = (query: string, use: (visit: Visit) => Promise<void>) =>
    visit(browser, `${device.url}/?token=${token}&${query}`, use);
  const has = (condition: string) => `document.documentElement.matches(${JSON.stringify(condition)})`;
  const isIdle = has('.idle');
  const wall = "document.querySelector('ms-grid')";
  const notices = "[...document.querySelectorAll('.notice p')].map(({ textContent }) => textContent)";
  /** Left, top, width and height of each tile. */
  const boxes = `${wall}.slots.map((tile) => {
    const { left, top, width, height } = tile.getBoundingClientRect();
    return [left, top, width, height].map(Math.round);
  })`;

  it('pass the token in their address on to all that they ask of the device', () =>
    open('tiles=4&theme=dark', async ({ shows, page }) => {
      await shows(...names);
      assert.deepEqual(await page.evaluate("document.querySelectorAll('#cameras button').length"), names.length);
    }));

  describe('in a kiosk', () => {
    it('fill the window with the wall, in the shape of the window', () =>
      open('kiosk', async ({ page, shows, until }) => {
        await shows(...names);
        assert.equal(await page.evaluate("document.querySelectorAll('header, footer, p').length"), 0);
        for (const [width, height, columns] of [
          [1200, 700, 2],
          [1600, 300, 4],
          [390, 844, 1],
        ] as const) {
          await page.setViewport({ width, height });
          await until(`${wall}.columns === ${columns}`);
          const rows = names.length / columns;
          // Between them are two pixels.
          const [w, h] = [(width - 2 * (columns - 1)) / columns, (height - 2 * (rows - 1)) / rows];
          const expected = names.map((_, i) => [
            Math.round((i % columns) * (w + 2)),
            Math.round(Math.floor(i / columns) * (h + 2)),
            Math.round(w),
            Math.round(h),
          ]);
          await until(`JSON.stringify(${boxes}) === '${JSON.stringify(expected)}'`);
          const page_ = 'document.scrollingElement';
          assert.deepEqual(await page.evaluate(`[${page_}.scrollWidth, ${page_}.scrollHeight]`), [width, height]);
        }
      }));

    it('hide controls and pointer while their viewer rests, and let the first touch only wake them', () =>
      open('kiosk&tour&tiles=1&dwell=30&idle=1.5', async ({ page, shows, until }) => {
        await shows('red');
        await until(`${wall}.activeTour`);
        const looks = () =>
          page.evaluate(`[
            getComputedStyle(document.body).cursor,
            getComputedStyle(${wall}.activeTour.element).visibility,
            getComputedStyle(${wall}.slots[0].renderRoot.querySelector('.controls')).visibility,
            ${wall}.slots[0].matches(':hover'),
          ]`);
        await page.mouse.move(300, 300);
        assert.deepEqual(await looks(), ['auto', 'visible', 'visible', true]);
        assert.equal(await page.evaluate(`${wall}.activeTour.state`), 'held');
        await until(`${isIdle} && !${wall}.slots[0].matches(':hover')`);
        assert.deepEqual(await looks(), ['none', 'hidden', 'hidden', false]);
        // The pointer that was left on the wall does not hold its tour.
        await until(`${wall}.activeTour.state === 'running'`);
        await page.evaluate(`addEventListener('click', ({ target }) => (globalThis.clicked = target.localName), true)`);
        await page.mouse.click(300, 300);
        assert.deepEqual(await looks(), ['auto', 'visible', 'visible', true]);
        assert.equal(await page.evaluate('clicked'), 'html');
        await page.mouse.click(300, 300);
        assert.equal(await page.evaluate('clicked'), 'ms-slot');
        await until(isIdle);
        assert.equal(await page.evaluate('document.activeElement.localName'), 'body', 'a click leaves no focus behind');
      }));

    it('keep showing where the keyboard is', () =>
      open('kiosk&idle=0.3', async ({ page, shows, until }) => {
        await shows(...names);
        const ring = async () => {
          const picture = await page.screenshot({ encoding: 'base64', clip: { x: 1, y: 200, width: 2, height: 2 } });
          const colour = await page.evaluate(`(async () => {
            const image = await createImageBitmap(await (await fetch('data:image/png;base64,${picture}')).blob());
            const canvas = new OffscreenCanvas(2, 2).getContext('2d');
            canvas.drawImage(image, 0, 0);
            return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
          })()`);
          return colour as number[];
        };
        assert.ok(isNear(await ring(), cameras.red));
        await page.keyboard.press('Tab');
        await until(`${wall}.slots[0].matches(':focus-visible') && ${isIdle}`);
        // #5b9dff, over the picture and inside the window.
        assert.ok(isNear(await ring(), [0x5b, 0x9d, 0xff]));
        await page.keyboard.press('Tab');
        await until(isIdle);
        const button = `${wall}.slots[0].renderRoot.activeElement`;
        assert.deepEqual(
          await page.evaluate(`[${button}.localName, getComputedStyle(${button}.parentElement).visibility]`),
          ['button', 'visible'],
        );
      }));

    it('keep the screen awake, ask again when they are visible again, and do without it', () =>
      open('kiosk&tiles=1', async ({ page, until, shows }) => {
        const locks = '(globalThis.testing.locks)';
        await until(`${locks}.length === 1 && !${locks}[0].released`);
        const other = await browser.newPage();
        await other.bringToFront();
        await until(`document.hidden && ${locks}[0].released`);
        await other.close();
        await page.bringToFront();
        await until(`${locks}.length === 2 && !${locks}[1].released`);
        for (const missing of ['undefined', "{ request: () => Promise.reject(new DOMException('no')) }"]) {
          const script = `Object.defineProperty(Navigator.prototype, 'wakeLock', { value: ${missing}, configurable: true })`;
          const { identifier } = await page.evaluateOnNewDocument(script);
          await page.reload();
          await shows('red');
          assert.equal(await page.evaluate(`${locks}.length`), 0);
          await page.removeScriptToEvaluateOnNewDocument(identifier);
        }
      }));

    it('take streams, columns, tour and layout from their address', async () => {
      await open('kiosk&streams=yellow,red&columns=1&fit=cover&theme=light&quality=native', async ({ page, shows }) => {
        await shows('yellow', 'red');
        assert.deepEqual(
          await page.evaluate(`[${wall}.columns, ${wall}.fit, ${wall}.theme, ${wall}.slots[0].quality]`),
          [1, 'cover', 'light', 'native'],
        );
      });
      await open('kiosk&tour=blue,red,green&dwell=1', async ({ page, until, shows }) => {
        await shows('blue');
        assert.deepEqual(await page.evaluate(`${wall}.activeTour.plan`), {
          streams: ['blue', 'red', 'green'],
          dwell: 1,
        });
        await shows('red');
        await until(`${notices}.length === 0`);
      });
      const layout = {
        order: ['blue', 'red', 'yellow'],
        spotlight: 'yellow',
        qualities: { blue: 'native' },
        tours: { red: { streams: ['red', 'green'], dwell: 60 } },
      };
      const query = `kiosk&layout=${encodeURIComponent(JSON.stringify(layout))}`;
      await open(query, async ({ page, shows, until }) => {
        await until(`${wall}.layout?.tours.red`);
        const { order, spotlight, qualities, tours } = (await page.evaluate(`${wall}.layout`)) as typeof layout;
        assert.deepEqual(
          { order, spotlight, qualities, tours },
          { ...layout, qualities: { blue: 'native', red: 'auto', yellow: 'auto' } },
        );
        await shows('blue', 'red', 'yellow');
      });
      const tour = { streams: ['red', 'grey', { stream: 'green', label: 'Yard' }, 'blue', 'yellow'], dwell: 1 };
      const toured = encodeURIComponent(JSON.stringify({ order: ['#2', 'grey', '#1'], tour }));
      await open(`kiosk&lang=en&layout=${toured}`, async ({ page, shows, until }) => {
        await until(`${wall}.activeTour`);
        const plan = { ...tour, streams: tour.streams.filter((stop) => stop !== 'grey') };
        assert.deepEqual(await page.evaluate(`${wall}.activeTour.plan`), plan);
        await shows('blue', 'yellow');
        await shows('red', 'green');
        assert.deepEqual(await page.evaluate(`${wall}.layout.order`), ['#2', '#1']);
        assert.deepEqual(await page.evaluate(notices), ['layout: the device has no stream “grey”.']);
      });
    });

    it('say what is wrong in their address, and play without it', async () => {
      const bad = 'columns=many&tour=red,grey&dwell=0&layout={"order":7}&fit=tight&colums=3&tiles=1&dir=rtl';
      await open(`kiosk&${bad}&lang=en`, async ({ page, until, shows }) => {
        await shows('red');
        await until(`${notices}.length === 6`);
        const told = (await page.evaluate(notices)) as string[];
        assert.deepEqual(
          told.sort(),
          [
            'columns=many: this has to be a number from 1 to 20.',
            'dwell=0: this has to be a number from 1 to 86400.',
            'fit=tight: this has to be one of contain, cover.',
            'layout.order has to be a list of names, and is 7',
            'tour: the device has no stream “grey”.',
            told.find((text) => text.startsWith('colums: there is no such setting. The settings are kiosk,')),
          ].sort(),
        );
        await checkAccess(page);
        await page.click('.notice button');
        assert.deepEqual(await page.evaluate(notices), []);
      });
      const unknown = 'columns=0&streams=grey&tour=black&layout={"tour":{"streams":["grey"]}}';
      await open(`kiosk&${unknown}&dir=rtl&tiles=1&lang=de`, async ({ page, until, shows }) => {
        await until("document.querySelector('.notice button')?.textContent === 'Schließen'");
        // Neither the cameras nor the tours exist, so the wall shows what there is.
        await shows('red');
        await until(`${notices}.length === 4`);
        assert.equal(await page.evaluate(`${wall}.activeTour?.plan`), undefined);
        assert.deepEqual(await page.evaluate('[document.documentElement.dir, document.documentElement.lang]'), [
          'rtl',
          'de',
        ]);
        await checkAccess(page);
      });
      for (const language of ['de', 'es', 'zh']) {
        for (const code of ['title', 'number', 'choice', 'unknown', 'stream', 'device', 'close']) {
          const texts = [language, 'en'].map((which) => tell(which, { code, name: 'x', value: 'y' }));
          assert.notEqual(texts[0], texts[1], `${code} in ${language}`);
        }
      }
    });

    it('show the cameras that the device has at each new session', () =>
      open('kiosk', async ({ page, shows }) => {
        await shows(...names);
        await page.setRequestInterception(true);
        page.on('request', (request) =>
          request.url().includes('/api/streams')
            ? request.respond({ contentType: 'application/json', body: '{"yellow": {}, "red": {}}' })
            : request.continue(),
        );
        await page.evaluate(`${wall}.disconnect(); ${wall}.connect();`);
        await shows('yellow', 'red');
      }));

    it('play again after a restart of their device, and begin anew after a long absence', () =>
      open('kiosk&streams=red', async ({ page, shows, until }) => {
        await shows('red');
        await page.evaluate('globalThis.isFirst = true');
        await device.kill();
        await until(`${wall}.connectionState !== 'open' && ${wall}.slots[0].matches(':state(stale)')`);
        await page.evaluate('const now = Date.now; Date.now = () => now.call(Date) + 3_600_000;');
        device = await start(names, Number(new URL(device.url).port));
        await page.waitForFunction('globalThis.isFirst === undefined');
        await shows('red');
      }));
  });

  function isNear(color: readonly number[], other: readonly number[] = []): boolean {
    return color.every((channel, index) => Math.abs(channel - (other[index] ?? Number.NaN)) <= 24);
  }

  async function checkAccess(page: Page): Promise<void> {
    await page.addScriptTag({ path: 'node_modules/axe-core/axe.min.js' });
    const { violations } = (await page.evaluate('axe.run()')) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    assert.deepEqual(
      violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
      [],
    );
  }
});
