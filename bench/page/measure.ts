/** Functions that run in the measured page. Times are in milliseconds. */

import { type ConnectionCounts, countConnections } from './connections.ts';
import { longestGaps, watchGaps } from './gaps.ts';
import { type LatencySample, measureLatency } from './latency.ts';
import { countedSince, countLinks, type LinkCounts } from './link-counts.ts';
import { listen, tapToSound } from './sound.ts';
import { measureSwitch, type SwitchRequest, type SwitchSample } from './switching.ts';
import { lookAtTour, startTour } from './tours.ts';
import { createFrames, createGrids, type TilesOfDevice, type Wall } from './walls.ts';

export type { ConnectionCounts, LatencySample, LinkCounts, SwitchRequest, SwitchSample, TilesOfDevice };

let wall: Wall;
let size = 0;
/** Milliseconds for which the page did not answer, as tasks of more than 50 ms (W3C Long Tasks). */
let blocked = 0;
new PerformanceObserver((list) => {
  blocked += list.getEntries().reduce((sum, { duration }) => sum + duration, 0);
}).observe({ type: 'longtask' });

export const measure = {
  /** Puts the wall into the page. */
  place(kind: 'grid' | 'frames', devices: TilesOfDevice[]): Wall {
    const parent = document.querySelector('#wall') as HTMLElement;
    parent.style.setProperty('--grids', String(Math.ceil(Math.sqrt(devices.length))));
    return kind === 'grid' ? createGrids(devices, parent) : createFrames(devices, parent);
  },

  /** From the moment that the wall is put into the page to each tile's first frame. */
  async open(kind: 'grid' | 'frames', devices: TilesOfDevice[]): Promise<number[]> {
    const start = performance.now();
    wall = measure.place(kind, devices);
    size = devices.reduce((sum, { tiles }) => sum + tiles.length, 0);
    return Promise.all(
      Array.from({ length: size }, async (_, index) => {
        const video = await wall.video(index);
        return new Promise<number>((resolve) => {
          video.requestVideoFrameCallback(() => resolve(performance.now() - start));
        });
      }),
    );
  },

  async switch(request: SwitchRequest): Promise<{ sample: SwitchSample; counts: LinkCounts }> {
    const before = await countLinks();
    const sample = await measureSwitch(wall, request);
    return { sample, counts: countedSince(before, await countLinks()) };
  },

  latency(index: number, rate: number, count: number): Promise<LatencySample[]> {
    return measureLatency(wall.videoNow(index), rate, count);
  },

  connections(): Promise<ConnectionCounts> {
    return countConnections();
  },

  tapToSound,
  listen,

  startTour,
  lookAtTour,

  watchGaps,
  longestGaps,

  blocked(): number {
    return blocked;
  },

  /** Milliseconds until every tile has another frame. */
  async moving(): Promise<number> {
    const start = performance.now();
    const frame = (index: number) => new Promise((resolve) => wall.videoNow(index).requestVideoFrameCallback(resolve));
    await Promise.all(Array.from({ length: size }, (_, index) => frame(index)));
    return performance.now() - start;
  },
};

export type PageApi = typeof measure;

Object.assign(globalThis, { measure });
