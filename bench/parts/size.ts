import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Part } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { openDevice, warm } from '../support/device.ts';
import { sum } from '../support/processes.ts';
import { alternate, sides } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

const files: Record<'multistream' | 'iframes', string[]> = {
  multistream: ['dist/ms-grid.js'],
  iframes: ['stream.html', 'stream.js', 'stream.css'].map((name) => `device/pages/${name}`),
};

/** Measures what a page loads before it shows six cameras, and which files those are. */
export const size: Part = {
  name: 'size',
  title: 'Bytes to the first pictures of six tiles',
  seconds: 12,
  async run(record) {
    for (const [side, paths] of Object.entries(files) as [keyof typeof files, string[]][]) {
      const texts = paths.map((path) => readFileSync(new URL(`../../${path}`, import.meta.url)));
      const add = (what: string, of: (text: Buffer) => number) =>
        record.add({ what: `the script's files, ${what}`, side, unit: 'kB' }, sum(texts, of) / 1000);
      add('raw', (text) => text.length);
      add('gzip', (text) => gzipSync(text).length);
      add('brotli', (text) => brotliCompressSync(text).length);
    }
    await using cameras = await openCameras(6);
    await using device = await openDevice({ streams: warm(cameras.urls) });
    const compared = sides.filter(({ gopCache }) => gopCache);
    const tiles = cameras.names.map((stream) => ({ stream }));
    await alternate(compared, 1, async (side) => {
      // A fresh browser has nothing in its cache.
      await using browser = await openBrowser();
      await using wall = await WallPage.open(browser, side, [{ device: device.url, tiles }], { count: true });
      const { requests, bytes } = wall.traffic;
      record.add({ what: 'HTTP requests to the first pictures', side: side.name, unit: '' }, requests);
      record.add({ what: 'HTTP and signalling to the first pictures', side: side.name, unit: 'kB' }, bytes / 1000);
    });
  },
};
