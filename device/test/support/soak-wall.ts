/** A browser that looks on while a device is soaked: a page with three walls, one for each way that pictures come, or the kiosk page. */

import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
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
  /** Has the wall ask for nothing new, so that the device comes to rest; `change` ends that. */
  rest(): Promise<void>;
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
  return {
    sessions: 3,
    change: async (wave) => {
      await tab.evaluate(`(${changeInPage})(${wave})`);
    },
    rest: async () => {},
    ...(await watch(browser, tab)),
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Opens the device's kiosk page: four tiles with a tour of all cameras, a page each second, which rests before it is measured. */
export async function openSoakKiosk(device: string): Promise<SoakWall> {
  const browser = await openBrowser();
  const tab = await browser.newPage();
  await tab.goto(`${device}/?kiosk&tour&tiles=4&dwell=1&idle=1&controls=fullscreen%20zoom%20move&lang=en`);
  await tab.waitForFunction("document.querySelector('ms-grid').activeTour");
  return {
    sessions: 1,
    change: async (wave) => {
      await tab.evaluate(`(${changeInKiosk})(${wave})`);
    },
    rest: async () => {
      await tab.evaluate(`(${restInKiosk})()`);
    },
    ...(await watch(browser, tab)),
    close: () => browser.close(),
  };
}

/** Both pages tell this of themselves. */
async function watch(browser: Browser, tab: Page): Promise<Pick<SoakWall, 'plays' | 'holdings'>> {
  const session = await tab.createCDPSession();
  await session.send('Performance.enable');
  return {
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

/** Runs in the page: some steps of the tour, and what a viewer does with a wall; now and then the session is a new one. */
const changeInKiosk = `async (wave) => {
  const grid = document.querySelector('ms-grid');
  const tour = grid.activeTour;
  tour.play();
  for (let step = 0; step < 3; step += 1) {
    const { promise, resolve } = Promise.withResolvers();
    grid.addEventListener('ms-tour', resolve, { once: true });
    await promise;
  }
  const tile = grid.slots[wave % grid.slots.length];
  const press = (key) => tile.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  grid.spotlight(wave % 2 ? tile : null);
  ['+', 'ArrowLeft', '0', 'g', 'ArrowRight', 'Enter'].forEach(press);
  tour.next();
  tour.previous();
  if (wave % 5 === 0) {
    grid.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 500));
    grid.connect();
  }
}`;

/** Runs in the page: each time the same tiles show the same streams, so that what is held can be compared. */
const restInKiosk = `async () => {
  const grid = document.querySelector('ms-grid');
  grid.activeTour.pause();
  grid.spotlight(null);
  grid.slots.forEach((slot, at) => {
    slot.stream = ['lobby', 'yard', 'one', 'two'][at];
  });
}`;

async function treeOf(root: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const pid of await allProcesses()) {
    parents.set(pid, await parentOf(pid));
  }
  const isInside = (pid: number | undefined): boolean => pid === root || (!!pid && isInside(parents.get(pid)));
  return [...parents.keys()].filter(isInside);
}
