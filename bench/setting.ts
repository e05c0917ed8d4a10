import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { startCameras, startDevice } from '../device/test/support/processes.ts';
import { chromiumArguments, findChromium } from '../scripts/chromium.mjs';
import { startPageServer } from './page-server.ts';

/** Cameras whose colours are far apart, so that a picture tells which camera it is of. */
const colors = [
  [200, 40, 40],
  [40, 170, 40],
  [40, 40, 200],
  [200, 180, 40],
  [180, 40, 180],
  [40, 170, 170],
] as const;

export interface Cameras {
  width: number;
  height: number;
  rate: number;
  gop: number;
}

export interface Setting {
  device: { url: string; pid: number };
  /** Stream names. */
  cameras: string[];
  browserVersion: string;
  /** A fresh page in a browser that runs already; closed after `use`. */
  withPage<T>(use: (page: Page) => Promise<T>): Promise<T>;
}

/** Real RTSP cameras, the device and Chromium, for as long as `use` takes. */
export async function withSetting<T>(
  { width, height, rate, gop }: Cameras,
  use: (setting: Setting) => Promise<T>,
): Promise<T> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const cameras = colors.map((color, index) => ({ name: `camera${index + 1}`, color, width, height, rate, gop }));
    const rtsp = await startCameras(cameras);
    closers.push(() => rtsp.stop());
    const streams = cameras.map(
      ({ name }) => `  ${name}: ${rtsp.urls[name]}\n  ${name}-180p: ffmpeg:${name}#video=h264#height=180`,
    );
    const device = await startDevice(
      `api: { listen: "127.0.0.1:0", origin: "*" }\nwebrtc: { listen: ":0" }\nstreams:\n${streams.join('\n')}\n`,
    );
    closers.push(() => device.stop());
    const pages = await startPageServer();
    closers.push(() => pages.close());
    const browser = await launch();
    closers.push(() => browser.close());
    return await use({
      device,
      cameras: cameras.map(({ name }) => name),
      browserVersion: await browser.version(),
      withPage: async (job) => {
        const page = await browser.newPage();
        try {
          await page.goto(pages.url);
          await page.waitForFunction('globalThis.measure !== undefined');
          return await job(page);
        } finally {
          await page.close();
        }
      },
    });
  } finally {
    for (const close of closers.reverse()) {
      await close();
    }
  }
}

function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) {
    throw new Error('no Chromium found: install one, or name it in CHROME_PATH');
  }
  return puppeteer.launch({
    executablePath,
    defaultViewport: { width: 1280, height: 800 },
    args: chromiumArguments,
  });
}
