import { setTimeout as sleep } from 'node:timers/promises';
import { startBalancer } from '../../device/test/support/balancers.ts';
import { encodeClip } from '../../device/test/support/clips.ts';
import { Crowd } from '../../device/test/support/crowd.ts';
import { type ScriptedCamera, startScriptedCamera } from '../../device/test/support/scripted-camera.ts';
import { sessionsOf } from '../../device/test/support/sessions-of.ts';
import { until } from '../../device/test/support/until.ts';
import type { Part, Recorder } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { type Device, openDevice, untilLive, warm } from '../support/device.ts';
import { machineLoad, machineTime } from '../support/machine.ts';
import { fineCpuTime, fineThreadTime, sum } from '../support/processes.ts';
import { openReceivers } from '../support/receivers.ts';
import { type Side, sides } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

const tiles = 9;
const viewers = 30;
const counts = [1, 2, 3];
/** Tiles of the viewers that look on while an edge ends: they count each picture, which costs them more than the devices. */
const fewTiles = 2;
const wallTiles = 6;
const [multistream] = sides as [Side];
/** Milliseconds. */
const settling = 1000;
const window = 2000;
const camera = { width: 640, height: 360, rate: 25, gop: 50, seconds: 8 };

/** Several devices on one machine, behind HAProxy, that read the same streams of one origin. */
export const edges: Part = {
  name: 'edges',
  title: 'Several devices behind a balancer',
  seconds: 360,
  async run(record) {
    record.settings.camera = camera;
    const pictures = (await encodeClip(camera)).map(({ data }) => data);
    const origin = await startScriptedCamera({ pictures, rate: camera.rate });
    try {
      const isTimeLeft = record.until(0.7);
      for (let round = 0; round < record.rounds(5) && (round === 0 || isTimeLeft()); round++) {
        for (const count of counts) {
          await measureCost(record, origin, count);
        }
        for (const end of ['killed', 'drained'] as const) {
          await measureEnd(record, origin, end);
          await measureWall(record, origin, end);
        }
        await measureWall(record, origin, 'left alone');
      }
    } finally {
      origin.close();
    }
  },
};

/** The cost of the same viewers on one device and on several. */
async function measureCost(record: Recorder, origin: ScriptedCamera, count: number): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const { devices, balancer, streams } = await openEdges(opened, origin, count, tiles);
  const idle = await cost(devices);
  opened.use(await openReceivers(balancer, 'wall', viewers, streams));
  await Promise.all(devices.map(({ url }) => untilLive(url, streams)));
  await sleep(settling);
  const before = machineTime();
  const watched = await cost(devices);
  const beside = { idle: idle.all, ...machineLoad(before) };
  const of = `${count} ${count === 1 ? 'device' : 'devices'}, ${viewers} viewers of ${tiles} tiles`;
  const side = 'multistream';
  record.add({ what: `CPU a viewer, ${of}`, side, unit: '% of a core' }, (watched.all - idle.all) / viewers, beside);
  const busiest = `JavaScript's thread of the busiest device, ${of}`;
  record.add({ what: busiest, side, unit: '% of a core' }, watched.busiest, beside);
}

/** A device ends in one of these ways. */
type End = 'killed' | 'drained';

function bring(device: Device, end: End): void {
  process.kill(device.pid, end === 'killed' ? 'SIGKILL' : 'SIGUSR2');
}

/** How long viewers of three devices see nothing new when one of them ends. */
async function measureEnd(record: Recorder, origin: ScriptedCamera, end: End): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const { devices, balancer, streams } = await openEdges(opened, origin, 3, fewTiles);
  const crowd = await Crowd.open(balancer, viewers, streams);
  opened.defer(() => crowd.close());
  await sleep(settling);
  const before = machineTime();
  const [first, ...others] = devices as [Device, ...Device[]];
  bring(first, end);
  await until(async () => (await sessionsOn(others)) === viewers);
  const members = await crowd.live();
  const hit = members.filter(({ breaks, moves }) => (end === 'killed' ? breaks : moves) > 0);
  const what = `a tile without a picture when its device is ${end}, ${viewers} viewers of ${fewTiles} tiles on 3 devices`;
  for (const { longestGapMs } of hit) {
    record.add({ what, side: 'multistream', unit: 'ms' }, longestGapMs, { hit: hit.length, ...machineLoad(before) });
  }
}

/** The same of a wall in a browser, which has longer and shorter times between two frames also when nothing happens. */
async function measureWall(record: Recorder, origin: ScriptedCamera, end: End | 'left alone'): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const { devices, balancer, streams } = await openEdges(opened, origin, 3, wallTiles);
  const browser = opened.use(await openBrowser());
  const tiles = streams.map((stream) => ({ stream }));
  const { page } = opened.use(await WallPage.open(browser, multistream, [{ device: balancer, tiles }]));
  await page.evaluate(() => globalThis.measure.watchGaps());
  await sleep(settling);
  const before = machineTime();
  const sessions = await Promise.all(devices.map(({ url }) => sessionsOf(url)));
  const own = devices[sessions.indexOf(1)] as Device;
  if (end !== 'left alone') {
    bring(own, end);
    const others = devices.filter((device) => device !== own);
    await until(async () => (await sessionsOn(others)) === 1);
  }
  // A tile that is not back by then counts with the time until now.
  await sleep(3 * settling);
  const gaps = await page.evaluate(() => globalThis.measure.longestGaps());
  const what = `a tile of a wall in a browser without a frame while its device is ${end}`;
  for (const gap of gaps) {
    record.add({ what, side: 'multistream', unit: 'ms' }, gap, machineLoad(before));
  }
}

async function sessionsOn(devices: readonly Device[]): Promise<number> {
  return sum(await Promise.all(devices.map(({ url }) => sessionsOf(url))), (one) => one);
}

async function openEdges(opened: AsyncDisposableStack, origin: ScriptedCamera, count: number, streamCount: number) {
  const streams = Array.from({ length: streamCount }, (_, index) => `camera${index + 1}`);
  const sources = warm(Object.fromEntries(streams.map((stream) => [stream, origin.url])));
  const most = { max_sessions: 1000, max_sessions_per_address: 1000 };
  const devices = await Promise.all(
    Array.from({ length: count }, () => openDevice({ streams: sources, multistream: most })),
  );
  for (const device of devices) {
    opened.use(device);
  }
  const balancer = await startBalancer(
    'HAProxy',
    devices.map(({ url }) => url),
  );
  opened.defer(() => balancer.stop());
  return { devices, balancer: balancer.url, streams };
}

/** Shares of one core over a window, in percent: of all devices, and of the main thread that works most. */
async function cost(devices: readonly Device[]): Promise<{ all: number; busiest: number }> {
  const take = () => devices.map(({ pid }) => [fineCpuTime(pid), fineThreadTime(pid)] as const);
  const [before, start] = [take(), performance.now()];
  await sleep(window);
  const share = (time: number) => (time / (performance.now() - start)) * 100;
  const used = take().map(([all, main], index) => [all - (before[index]?.[0] ?? 0), main - (before[index]?.[1] ?? 0)]);
  return {
    all: share(sum(used, ([all = 0]) => all)),
    busiest: share(Math.max(...used.map(([, main = 0]) => main))),
  };
}
