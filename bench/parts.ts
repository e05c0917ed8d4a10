import { setTimeout as sleep } from 'node:timers/promises';
import type { Setting } from './setting.ts';

declare global {
  var measure: typeof import('./page/measure.ts').measure;
}

/** Milliseconds by name of the figure, every sample. */
export type Samples = Record<string, number[]>;

/** From the page's request to every tile's first frame: six cameras that are warm already. */
export async function connect({ withPage, cameras, device }: Setting): Promise<Samples> {
  const runs = 12;
  const all: number[] = [];
  const tiles = cameras.map((stream) => ({ stream }));
  for (let run = 0; run < runs + 1; run++) {
    const last = await withPage(async (page) => {
      const start = await page.evaluate(() => performance.now());
      const times = await page.evaluate((tiles, url) => globalThis.measure.connect(tiles, url), tiles, device.url);
      return Math.max(...times) - start;
    });
    // The first run warms the cameras.
    if (run > 0) {
      all.push(last);
    }
  }
  return { 'page to all first frames': all };
}

/** From a changed attribute to the new camera's first frame and to its live frame, at random moments of the GOP. */
export async function switching({ withPage, cameras, device }: Setting): Promise<Samples> {
  const switches = 40;
  return withPage(async (page) => {
    const tiles = cameras.map((stream) => ({ stream }));
    await page.evaluate((tiles, url) => globalThis.measure.connect(tiles, url), tiles, device.url);
    await sleep(2000);
    const samples: Awaited<ReturnType<typeof globalThis.measure.switchTo>>[] = [];
    for (let count = 0; count < switches; count++) {
      // Slot 0 shows what one of the others has shown all along.
      const reference = 1 + (count % (cameras.length - 1));
      await sleep(300 + Math.random() * 2000);
      samples.push(
        await page.evaluate(
          (stream, slot) => globalThis.measure.switchTo(0, { stream }, slot),
          cameras[reference] ?? '',
          reference,
        ),
      );
    }
    return {
      'switch to first frame': samples.map(({ firstFrame }) => firstFrame),
      'switch to live frame': samples.map(({ liveFrame }) => liveFrame),
      'age of first frame (frames)': samples.map(({ firstFrameAge }) => firstFrameAge),
    };
  });
}
