import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../../device/test/support/child-process.ts';
import type { Part, Recorder } from '../part.ts';
import { type DeviceOptions, openDevice, warm } from '../support/device.ts';
import { descendants, fineCpuTime, memory, sum } from '../support/processes.ts';
import { openRecordedCameras } from '../support/recorded-cameras.ts';
import { alternate, type Side, sidesOf } from '../support/sides.ts';

/** How many, and how often they are started and measured. */
const sizes: [cameras: number, rounds: number][] = [
  [1, 5],
  [10, 5],
  [36, 3],
  [100, 1],
];

/** CPU time and memory of all processes of a device. */
interface Usage {
  /** Percent of a core. */
  cpu: number;
  /** MiB. */
  memory: number;
  processes: number;
}

/** Milliseconds until all pictures have to be there: a process for each of a hundred cameras takes its time. */
const patience = 60_000;
/** A camera runs for months: in its first ten seconds the device costs up to half as much again, while V8 compiles what is hot. */
const settling = 15_000;
const window = 5000;

/** RTSP cameras that are passed on as they come. The elements have no share in it: the viewers are headless. */
export const cameras: Part = {
  name: 'cameras',
  title: 'What a camera costs that is passed on',
  seconds: 420,
  compares: true,
  async run(record) {
    await using recorded = await openRecordedCameras(Math.max(...sizes.map(([count]) => count)));
    const sides = sidesOf(record).filter(({ wall }) => wall === 'grid');
    const without = new Map<Side, Usage>();
    for (const side of sides) {
      without.set(side, await measure({ streams: {}, checkout: side.checkout }));
    }
    const overloaded = new Set<Side>();
    for (const [count, rounds] of sizes) {
      const urls = Object.fromEntries(Object.entries(recorded.urls).slice(0, count));
      await alternate(
        sides,
        record.rounds(rounds),
        async (side) => {
          if (overloaded.has(side)) {
            return;
          }
          try {
            await measureStart(record, side, urls);
            await measureCost(record, side, urls, without.get(side) as Usage);
          } catch (error) {
            // A machine that cannot carry so many cameras of one side can still measure the other one.
            overloaded.add(side);
            record.settings[`${names(urls)}, ${side.name}`] = `did not all play: ${(error as Error).message}`;
          }
        },
        record.until(1),
      );
    }
  },
};

/** Nothing is warm, and all viewers come at once. */
async function measureStart(record: Recorder, { name: side, checkout }: Side, urls: Record<string, string>) {
  await using device = await openDevice({ streams: urls, checkout });
  const program = 'bench/support/first-pictures-process.ts';
  const viewers = startChild(process.execPath, [program, device.url, ...Object.keys(urls)]);
  try {
    const [milliseconds] = /[\d.]+/.exec(await viewers.says(/^all after .* ms$/m, patience)) ?? [];
    record.add({ what: `${names(urls)}, start to all first pictures`, side, unit: 'ms' }, Number(milliseconds));
  } finally {
    await viewers.end('SIGKILL');
  }
}

/** Measures with all of them warm and no viewer, less the cost of the device without cameras. */
async function measureCost(
  record: Recorder,
  { name: side, checkout }: Side,
  urls: Record<string, string>,
  without: Usage,
) {
  const withAll = await measure({ streams: warm(urls), checkout });
  const count = Object.keys(urls).length;
  const beside = { processes: withAll.processes };
  const add = (what: string, unit: '% of a core' | 'MiB', all: number, none: number) =>
    record.add({ what: `${what} of each of ${names(urls)}`, side, unit }, (all - none) / count, beside);
  add('CPU', '% of a core', withAll.cpu, without.cpu);
  add('memory', 'MiB', withAll.memory, without.memory);
}

async function measure(options: DeviceOptions): Promise<Usage> {
  await using device = await openDevice(options);
  await sleep(settling);
  const processes = [device.pid, ...descendants(device.pid)];
  const before = sum(processes, fineCpuTime);
  const start = performance.now();
  await sleep(window);
  const cpu = ((sum(processes, fineCpuTime) - before) / (performance.now() - start)) * 100;
  return { cpu, memory: sum(processes, memory), processes: processes.length };
}

function names(urls: Record<string, string>): string {
  const count = Object.keys(urls).length;
  return count === 1 ? '1 camera' : `${count} cameras`;
}
