import puppeteer, { type Browser } from 'puppeteer-core';
import { type RunningDevice, startCameras, startDevice } from '../../../device/test/support/processes.ts';
import { chromiumArguments, findChromium } from '../../../scripts/chromium.mjs';

type Color = readonly [red: number, green: number, blue: number];

/** Cameras whose colours are far apart, so that a picture tells which camera it is of. */
export const cameras: Record<string, Color> = {
  red: [200, 40, 40],
  green: [40, 170, 40],
  blue: [40, 40, 200],
  yellow: [200, 180, 40],
  purple: [180, 40, 180],
  cyan: [40, 170, 170],
};

export interface Installation {
  device: RunningDevice;
  browser: Browser;
  /** One more device on the same cameras. `api` and `settings` are parts of its configuration. */
  startDevice(api: string, settings?: string): Promise<RunningDevice>;
  stop(): Promise<void>;
}

/** Real RTSP cameras, a device that every page may use, and Chromium. */
export async function install(): Promise<Installation> {
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
  };
  try {
    const rtsp = await startCameras(
      Object.entries(cameras).map(([name, color]) => ({ name, color, width: 320, height: 180, rate: 15, gop: 15 })),
    );
    closers.push(() => rtsp.stop());
    const streams = Object.keys(cameras).map((name) => `  ${name}: ${rtsp.urls[name]}\n`);
    const start = async (api: string, settings = '') => {
      const device = await startDevice(
        `api: { listen: "127.0.0.1:0"${api} }\nwebrtc: { listen: ":0" }\n${settings}\nstreams:\n${streams.join('')}`,
      );
      closers.push(async () => {
        const { code, signal } = await device.stop();
        if (code !== 0) {
          throw new Error(`the device ended with ${signal ?? code}: ${device.stderr()}`);
        }
      });
      return device;
    };
    const device = await start(', origin: "*"');
    const browser = await puppeteer.launch({ executablePath: findChromium() as string, args: chromiumArguments });
    closers.push(() => browser.close());
    return { device, browser, startDevice: start, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
