/** What runs in the measured page. Times are in milliseconds. */

import { countedSince, countLinks, type LinkCounts } from './link-counts.ts';
import { measureSwitch, type SwitchRequest, type SwitchSample } from './switching.ts';
import { createFrames, createGrids, type TilesOfDevice, type Wall } from './walls.ts';

export type { LinkCounts, SwitchRequest, SwitchSample, TilesOfDevice };

let wall: Wall;

export const measure = {
  /** Puts the wall into the page. From then to each tile's first frame. */
  async open(kind: 'grid' | 'frames', devices: TilesOfDevice[]): Promise<number[]> {
    const parent = document.querySelector('#wall') as HTMLElement;
    parent.style.setProperty('--grids', String(Math.ceil(Math.sqrt(devices.length))));
    const start = performance.now();
    wall = kind === 'grid' ? createGrids(devices, parent) : createFrames(devices, parent);
    const count = devices.reduce((sum, { tiles }) => sum + tiles.length, 0);
    return Promise.all(
      Array.from({ length: count }, async (_, index) => {
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
};

export type PageApi = typeof measure;

Object.assign(globalThis, { measure });
