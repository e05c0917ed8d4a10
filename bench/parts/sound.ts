import { setTimeout as sleep } from 'node:timers/promises';
import type { Part, Unit } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openCameras, toneOf } from '../support/cameras.ts';
import { type Device, openDevice, warm } from '../support/device.ts';
import { cpuTime, descendants, sum } from '../support/processes.ts';
import { alternate, sides } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

const codecs = ['OPUS', 'PCMA', 'AAC'] as const;
const ways = ['multistream', 'socket'] as const;
const count = 6;
const taps = 10;
const rounds = 6;
/** Milliseconds in which CPU time is counted. */
const window = 4000;
/** Milliseconds after which the wall, and a coder that starts, have settled. */
const settling = 3500;

/** One tile of six, heard: how soon, and what it costs; and what a wall costs that listens to none. */
export const sound: Part = {
  name: 'sound',
  title: 'Sound',
  seconds: 300,
  async run(record) {
    await using mute = await openCameras(count);
    await using opus = await openCameras(count, { sound: 'OPUS', beeps: 10 });
    await using pcma = await openCameras(count, { sound: 'PCMA', beeps: 10 });
    await using aac = await openCameras(count, { sound: 'AAC', beeps: 10 });
    const cameras = { none: mute, OPUS: opus, PCMA: pcma, AAC: aac };
    await using browser = await openBrowser();
    const [grid] = sides;
    if (grid === undefined) {
      throw new Error('there is no side');
    }
    const add = (what: string, unit: Unit, sample: number) => record.add({ what, side: 'multistream', unit }, sample);
    const open = (device: Device, mode: (typeof ways)[number], names: readonly string[]) =>
      WallPage.open(browser, grid, [{ device: device.url, mode, tiles: names.map((stream) => ({ stream })) }]);

    await alternate(
      codecs,
      record.rounds(rounds),
      async (codec) => {
        const { urls, names } = cameras[codec];
        await using device = await openDevice({ streams: warm(urls) });
        for (const mode of ways) {
          await using wall = await open(device, mode, names);
          for (let nth = 0; nth < record.rounds(taps); nth++) {
            const index = nth % count;
            const tap = await wall.page.evaluate((of) => globalThis.measure.tapToSound(of.index, of.tone), {
              index,
              tone: toneOf(index),
            });
            add(`${codec}, mode ${mode}: tap to sound`, 'ms', tap);
            await wall.page.evaluate(() => globalThis.measure.listen(null));
            await sleep(500);
          }
        }
      },
      record.until(0.6),
    );

    const states = [
      ['cameras without sound', 'none', null],
      ['cameras with sound, none heard', 'PCMA', null],
      ['G.711 heard', 'PCMA', 0],
      ['AAC heard, as Opus', 'AAC', 0],
    ] as const;
    await alternate(
      states,
      record.rounds(rounds),
      async ([what, codec, heard]) => {
        const { urls, names } = cameras[codec];
        await using device = await openDevice({ streams: warm(urls) });
        await using wall = await open(device, 'multistream', names);
        await wall.page.evaluate((index) => globalThis.measure.listen(index), heard);
        await sleep(settling);
        const [start, of, ofBrowser] = [performance.now(), cpuOf(device.pid), cpuOf(browser.pid)];
        await sleep(window);
        const share = (used: number) => (used / (performance.now() - start)) * 100;
        add(`six tiles, ${what}: CPU of the device and its coders`, '% of a core', share(cpuOf(device.pid) - of));
        add(`six tiles, ${what}: CPU of the browser`, '% of a core', share(cpuOf(browser.pid) - ofBrowser));
      },
      record.until(1),
    );
  },
};

function cpuOf(pid: number): number {
  return sum([pid, ...descendants(pid)], cpuTime);
}
