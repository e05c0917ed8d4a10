import { setTimeout as sleep } from 'node:timers/promises';
import type { Part, Recorder, Unit } from '../part.ts';
import { type BenchBrowser, openBrowser } from '../support/browser.ts';
import { openCameras, smallCamera } from '../support/cameras.ts';
import { type Device, openDevice, warm } from '../support/device.ts';
import { machineTime } from '../support/machine.ts';
import { cpuTime, descendants, sum } from '../support/processes.ts';
import { alternate, sides } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

/** How the pictures travel. Another way is a line here, and what its device or its page needs in `open`. */
const ways = ['UDP', 'ICE-TCP', 'socket'] as const;
type Way = (typeof ways)[number];

const rounds = 4;
const switches = 12;
const frames = 40;
/** Milliseconds in which CPU time is counted. */
const window = 2500;

/** The same wall of six cameras by each way that pictures can take to a page. */
export const reach: Part = {
  name: 'reach',
  title: 'By each way to the page',
  seconds: 180,
  async run(record) {
    await using cameras = await openCameras(6);
    const streams = warm(cameras.urls);
    await using udp = await openDevice({ streams, transport: 'udp' });
    await using tcp = await openDevice({ streams, transport: 'tcp' });
    await using browser = await openBrowser();
    const devices: Record<Way, Device> = { UDP: udp, 'ICE-TCP': tcp, socket: udp };
    // Unrecorded: the browser has all pages in its cache then.
    for (const way of ways) {
      await (await open(browser, way, devices[way], cameras.names))[Symbol.asyncDispose]();
    }
    await alternate(
      ways,
      record.rounds(rounds),
      (way) => measure(record, way, browser, devices[way], cameras.names),
      record.until(1),
    );
  },
};

function open(browser: BenchBrowser, way: Way, device: Device, names: readonly string[]): Promise<WallPage> {
  const [grid] = sides;
  if (grid === undefined) {
    throw new Error('there is no side');
  }
  const mode = way === 'socket' ? 'socket' : 'multistream';
  return WallPage.open(browser, grid, [{ device: device.url, mode, tiles: names.map((stream) => ({ stream })) }]);
}

async function measure(record: Recorder, way: Way, browser: BenchBrowser, device: Device, names: readonly string[]) {
  const add = (what: string, unit: Unit, sample: number, beside: Record<string, number> = {}) =>
    record.add({ what: `${way}: ${what}`, side: 'multistream', unit }, sample, beside);
  const before = machineTime();
  await using wall = await open(browser, way, device, names);
  const steal = machineTime().steal - before.steal;
  add('6 cameras, page to all first frames', 'ms', Math.max(...wall.firstFrames), { steal });
  await sleep(1500);
  const processes = [browser.pid, ...descendants(browser.pid)];
  const [start, ofDevice, ofBrowser] = [performance.now(), cpuTime(device.pid), sum(processes, cpuTime)];
  await sleep(window);
  const share = (used: number) => (used / (performance.now() - start)) * 100;
  add('CPU of the device, cameras included', '% of a core', share(cpuTime(device.pid) - ofDevice));
  add('CPU of the browser', '% of a core', share(sum(processes, cpuTime) - ofBrowser));
  for (let nth = 0; nth < record.rounds(switches); nth++) {
    const reference = 1 + (nth % (names.length - 1));
    const request = { index: 0, tile: { stream: names[reference] ?? '' }, reference };
    const { firstFrame, liveFrame, beside } = await wall.switch(request, 100 + Math.random() * 200);
    add('switch to first frame', 'ms', firstFrame, beside);
    add('switch to live frame', 'ms', liveFrame, beside);
  }
  const samples = await wall.page.evaluate(
    (rate, count) => globalThis.measure.latency(0, rate, count),
    smallCamera.rate,
    record.rounds(frames),
  );
  for (const { screen, received } of samples) {
    add('camera to screen', 'ms', screen, { received });
  }
}
