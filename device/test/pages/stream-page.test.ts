import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import puppeteer, { type Browser, type Frame, type Page } from 'puppeteer-core';
import { findChromium } from '../../../scripts/chromium.mjs';
import { type RunningDevice, startDevice } from '../support/processes.ts';
import { record } from '../support/recordings.ts';

/** The port is the system's choice at first; a device that comes back comes back where it was. */
const config = (port: string, speech: string) =>
  `api: { listen: "127.0.0.1:${port}", origin: "*" }\nwebrtc: { listen: ":0" }\nstreams:\n  speech: file:${speech}\n` +
  '  front door: ffmpeg:virtual?video=testsrc&size=360#video=h264\n  yard: ffmpeg:virtual?video=smptebars&size=320x180#video=h264\n';

describe('the page for one camera', () => {
  let device: RunningDevice;
  let browser: Browser;
  let folder: string;
  let speech: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stream-page-'));
    speech = join(folder, 'speech.mp4');
    const x264 = { encoder: 'libx264', options: { preset: 'ultrafast', tune: 'zerolatency' } };
    await record(speech, { ...x264, seconds: 4, sound: { encoder: 'aac', rate: 16_000 } });
    device = await startDevice(config('0', speech));
    browser = await puppeteer.launch({
      executablePath: findChromium() as string,
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
  });

  after(async () => {
    await browser.close();
    await device.stop();
    await rm(folder, { recursive: true });
  });

  async function withPage(query: string, use: (page: Page, complaints: string[]) => Promise<void>): Promise<void> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    try {
      await page.setViewport({ width: 400, height: 300 });
      await page.goto(`${device.url}/stream.html${query}`);
      await use(page, complaints);
    } finally {
      await page.close();
    }
  }

  const plays = (frame: Page | Frame) =>
    frame.waitForFunction("document.querySelector('video').currentTime > 0.2", { timeout: 15_000 });

  it('fills its frame with the camera, whatever else go2rtc took in the address', () =>
    withPage('?src=front%20door&mode=webrtc,mse&media=video&background=true', async (page, complaints) => {
      await plays(page);
      const shown = await page.evaluate(`(() => {
        const video = document.querySelector('video');
        const { x, y, width, height } = video.getBoundingClientRect();
        return { x, y, width, height, size: video.videoHeight, muted: video.muted, title: document.title,
          black: getComputedStyle(document.body).backgroundColor, text: document.querySelector('p').textContent };
      })()`);
      assert.deepEqual(shown, {
        ...{ x: 0, y: 0, width: 400, height: 300, size: 360, muted: true, title: 'front door' },
        ...{ black: 'rgb(0, 0, 0)', text: '' },
      });
      assert.deepEqual(complaints, []);
    }));

  it('plays the sound too where the address asks for it, with the controls of the browser', () =>
    withPage('?src=speech&media=video,audio', async (page, complaints) => {
      await page.mouse.click(200, 100);
      await plays(page);
      assert.equal(await page.evaluate("document.querySelector('video').controls"), true);
      await page.evaluate(`
        globalThis.context = new AudioContext();
        globalThis.analyser = new AnalyserNode(context);
        context.createMediaStreamSource(document.querySelector('video').srcObject).connect(analyser);`);
      await page.waitForFunction(`(() => {
        const samples = new Float32Array(analyser.fftSize);
        analyser.getFloatTimeDomainData(samples);
        return samples.some((sample) => sample > 0.05);
      })()`);
      assert.deepEqual(complaints, []);
    }));

  it('plays in an iframe of a page from elsewhere', async () => {
    const page = await browser.newPage();
    try {
      await page.setContent(`<iframe src="${device.url}/stream.html?src=front%20door"></iframe>`);
      const frame = await page.waitForFrame(async (candidate) => candidate.url().includes('stream.html'));
      await plays(frame);
    } finally {
      await page.close();
    }
  });

  it('shows several cameras side by side', () =>
    withPage('?src=front%20door&src=yard&src=backyard', async (page, complaints) => {
      const sizes = "[...document.querySelectorAll('video')].map(({ videoHeight }) => videoHeight).join()";
      await page.waitForFunction(`${sizes} === '360,180,0'`);
      await page.waitForFunction("document.querySelectorAll('p')[2].textContent === 'backyard: stream not found'");
      const boxes = `JSON.stringify([...document.querySelectorAll('video')].map((video) => {
        const { x, y, width, height } = video.getBoundingClientRect();
        return [x, y, width, height];
      }))`;
      const quarters = [0, 150].flatMap((y) => [0, 200].map((x) => [x, y, 200, 150]));
      assert.deepEqual(JSON.parse((await page.evaluate(boxes)) as string), quarters.slice(0, 3));
      assert.equal(await page.evaluate('document.title'), 'front door, yard, backyard');
      assert.deepEqual(complaints, []);
    }));

  it('says what is wrong with a name that the device does not have', () =>
    withPage('?src=backyard', async (page) => {
      await page.waitForFunction("document.querySelector('p').textContent === 'backyard: stream not found'");
    }));

  it('plays again by itself when the device was away', () =>
    withPage('?src=front%20door', async (page) => {
      await plays(page);
      await page.evaluate(`{
        globalThis.waits = [];
        const { setTimeout: once } = globalThis;
        globalThis.setTimeout = (callback, wait) => {
          if (callback.name === 'connect') {
            waits.push(wait);
          }
          return once(callback, wait);
        };
      }`);
      await device.kill();
      await page.waitForFunction("document.querySelector('p').textContent.endsWith('is not reachable')");
      // A device that restarts is back within a second or so: it is tried densely, and not after longer and longer waits.
      await page.waitForFunction('waits.length > 3');
      const waits = (await page.evaluate('waits.slice(0, 4)')) as number[];
      assert.ok(waits[0] === 0 && waits.every((wait) => wait < 900), `waits of ${waits} ms`);
      await page.evaluate("document.querySelector('video').addEventListener('emptied', () => document.title = 'new')");
      device = await startDevice(config(new URL(device.url).port, speech));
      await page.waitForFunction("document.title === 'new'");
      await plays(page);
      assert.equal(await page.evaluate("document.querySelector('p').textContent"), '');
    }));

  /** A page around the cameras, with what they told it. The page's long waits are short. */
  async function withHost(
    query: string,
    use: (told: () => Promise<string[]>, page: Page) => Promise<void>,
  ): Promise<void> {
    const page = await browser.newPage();
    try {
      await page.evaluateOnNewDocument(`{
        const short = (wait) => (wait >= 10_000 ? wait / 20 : wait);
        const { setTimeout: once, setInterval: often } = globalThis;
        globalThis.setTimeout = (callback, wait) => once(callback, short(wait));
        globalThis.setInterval = (callback, wait) => often(callback, short(wait));
      }`);
      await page.goto(`${device.url}/healthz`);
      await page.evaluate(`
        globalThis.told = [];
        addEventListener('message', ({ data }) => told.push(data));
        document.body.appendChild(document.createElement('iframe')).src = '${device.url}/stream.html${query}';`);
      await use(() => page.evaluate('told') as Promise<string[]>, page);
    } finally {
      await page.close();
    }
  }

  it('tells the page around it how it goes, as the multistream fork of go2rtc does, and that a picture hangs', () =>
    withHost('?src=front%20door&src=yard', async (told, page) => {
      await page.waitForFunction("told.filter((word) => word.includes('RTC')).length === 2");
      const loading = '{"VIDEO_MODE":"loading"}';
      const playing = ['STARTING_VIDEO:front door,yard', '{"VIDEO_MODE":"RTC"}'];
      assert.deepEqual(await told(), ['STREAM_UI_LOADED:front door,yard', loading, loading, ...playing, ...playing]);
      process.kill(device.pid, 'SIGSTOP');
      try {
        await page.waitForFunction("told.includes('PLAYBACK_HUNG:front door,yard')");
      } finally {
        process.kill(device.pid, 'SIGCONT');
      }
    }));

  it('tells the page around it what is wrong, and that nothing plays', () =>
    withHost('?src=backyard', async (told, page) => {
      await page.waitForFunction("told.includes('PLAYBACK_NOT_STARTED:backyard')");
      assert.deepEqual((await told()).slice(0, 3), [
        'STREAM_UI_LOADED:backyard',
        '{"VIDEO_MODE":"loading"}',
        '{"VIDEO_ERROR":"webrtc/offer: stream not found"}',
      ]);
    }));

  it('needs no inline script or style', () =>
    withPage('?src=front%20door', async (page) => {
      const inline = await page.evaluate(
        "document.querySelectorAll('script:not([src]), style, [style], [onload]').length",
      );
      assert.equal(inline, 0);
    }));
});
