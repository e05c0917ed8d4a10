/** A browser that looks on while a device is soaked: a page with three walls, one for each way that pictures come. */

import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { openBrowser } from './browser.ts';
import { allProcesses, parentOf } from './child-ids.ts';
import { residentOf } from './holdings.ts';
import { until } from './until.ts';

/** The browser's holdings once its garbage is collected; memory in bytes. */
export interface BrowserHoldings {
  pageHeap: number;
  domNodes: number;
  listeners: number;
  /** The memory of all its processes together. */
  browserResident: number;
}

export interface SoakWall {
  /** Sessions that its page has with the device. */
  sessions: number;
  /** Lets the walls' tiles switch, go and come again, and a whole wall connect anew: which ones is a matter of the number. */
  change(wave: number): Promise<void>;
  /** Until every tile says that it plays, and shows new frames. */
  plays(): Promise<void>;
  holdings(): Promise<BrowserHoldings>;
  close(): Promise<void>;
}

const tile = (stream: string) => `<ms-slot stream="${stream}"></ms-slot>`;
const wall = (id: string, url: string, mode: string, streams: readonly string[]) =>
  `<ms-grid id="${id}" device-url="${url}" mode="${mode}" eager>${streams.map(tile).join('')}</ms-grid>`;

/** The walls' streams at rest. */
const streams = { direct: ['lobby', 'yard', 'one'], lossy: ['lobby', 'two'], socket: ['yard', 'one'] };

/**
 * @param bundle folder of the built bundle; a copy is served, so that a build beside the soak disturbs nothing
 * @param lossy where the device is reached by a link that loses packets
 */
export async function openSoakWall(bundle: string, device: string, lossy: string): Promise<SoakWall> {
  const folder = await mkdtemp(join(tmpdir(), 'multistream-soak-'));
  await cp(bundle, folder, { recursive: true });
  const page = `<!doctype html><meta charset="utf-8"><title>soak</title><style>ms-grid{width:600px}</style>
<script type="module" src="ms-grid.js"></script>${wall('direct', device, 'multistream', streams.direct)}
${wall('lossy', lossy, 'multistream', streams.lossy)}${wall('socket', device, 'socket', streams.socket)}`;
  const server = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname;
    const isPage = path === '/';
    const body = isPage ? page : await readFile(join(folder, path)).catch(() => null);
    const type = isPage ? 'text/html' : extname(path) === '.js' ? 'text/javascript' : 'text/plain';
    response.writeHead(body === null ? 404 : 200, { 'content-type': type }).end(body ?? '');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const browser = await openBrowser();
  const tab = await browser.newPage();
  await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const session = await tab.createCDPSession();
  await session.send('Performance.enable');
  return {
    sessions: 3,
    change: async (wave) => {
      await tab.evaluate(`(${changeInPage})(${wave})`);
    },
    plays: async () => {
      let before = (await tab.evaluate(look)) as Record<string, number | null>;
      await until(async () => {
        const now = (await tab.evaluate(look)) as Record<string, number | null>;
        const names = Object.keys(now);
        if (names.some((name) => now[name] === null || before[name] === undefined || before[name] === null)) {
          before = now;
          return false;
        }
        return names.every((name) => (now[name] as number) >= (before[name] as number) + 5);
      });
    },
    holdings: async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { metrics } = await session.send('Performance.getMetrics');
      const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
      const all = await treeOf(browser.process()?.pid ?? -1);
      const resident = await Promise.all(all.map(residentOf));
      return {
        pageHeap: metric('JSHeapUsedSize'),
        domNodes: metric('Nodes'),
        listeners: metric('JSEventListeners'),
        browserResident: resident.reduce((sum, bytes) => sum + bytes, 0),
      };
    },
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Runs in the page: by tile, how many frames its video has shown; null while the tile does not play. */
const look = `Object.fromEntries([...document.querySelectorAll('ms-slot')].map((slot, index) => {
  const video = slot.shadowRoot.querySelector('video');
  const frames = video?.getVideoPlaybackQuality().totalVideoFrames ?? null;
  return [index + ' ' + slot.stream, slot.state === 'active' ? frames : null];
}))`;

/** Runs in the page. */
const changeInPage = `async (wave) => {
  const grid = (id) => document.getElementById(id);
  const streams = ['lobby', 'yard', 'one', 'two'];
  grid('direct').slots[0].stream = streams[wave % 4];
  grid('socket').slots[wave % 2].stream = streams[(wave + 1) % 4];
  if (wave % 2 === 0) {
    const last = grid('lossy').slots.at(-1);
    const next = document.createElement('ms-slot');
    next.stream = last.stream;
    last.replaceWith(next);
  }
  if (wave % 5 === 0) {
    const again = grid(['direct', 'lossy', 'socket'][(wave / 5) % 3]);
    again.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 500));
    again.connect();
  }
}`;

async function treeOf(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const pid of await allProcesses()) {
    parents.set(pid, await parentOf(pid));
  }
  const isInside = (pid: number | undefined): boolean => pid === root || (!!pid && isInside(parents.get(pid)));
  return [...parents.keys()].filter(isInside);
}
