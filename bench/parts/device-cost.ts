import { setTimeout as sleep } from 'node:timers/promises';
import type { Part, Recorder, SideName } from '../part.ts';
import { fitLine } from '../stats.ts';
import { openCameras } from '../support/cameras.ts';
import { type Device, openDevice, warm } from '../support/device.ts';
import { machineLoad, machineTime } from '../support/machine.ts';
import { bareSending, packetsSent } from '../support/packets.ts';
import { cpuTimes, descendants, fineCpuTime, memory, sum } from '../support/processes.ts';
import { openReceivers } from '../support/receivers.ts';
import { alternate } from '../support/sides.ts';

const viewerCounts = [1, 10, 30, 60];
const connections = { multistream: 'wall', iframes: 'single' } as const;
/** Connections a tile: 540 of them take the machine over a minute to open. */
const mostSingles = 30;
const windows = 3;
const window = 1000;
/** Between the last viewer's connection and the first window. */
const settling = 1000;

/** What viewers, cameras and variants cost the device; viewers are headless, and nothing decodes. */
export const deviceCost: Part = {
  name: 'device',
  title: 'What a viewer costs the device',
  seconds: 65,
  async run(record) {
    await measureViewers(record);
    await measureVariant(record);
  },
};

async function measureViewers(record: Recorder): Promise<void> {
  await using cameras = await openCameras(9);
  const options = { streams: warm(cameras.urls), multistream: { max_sessions: 1000 } };
  // A device of its own for each side: memory that one has freed would count for the other.
  await using walls = await openDevice(options);
  await using singles = await openDevice(options);
  await measureCameras(record, walls, cameras.names.length);
  const devices = { multistream: walls, iframes: singles };
  const none = () => ({ cpu: [], kernel: [], memory: [] });
  const points: Record<keyof typeof connections, Record<'cpu' | 'kernel' | 'memory', [number, number][]>> = {
    multistream: none(),
    iframes: none(),
  };
  let packets = 0;
  for (const viewers of viewerCounts) {
    const compared = viewers > mostSingles ? (['multistream'] as const) : (['multistream', 'iframes'] as const);
    await alternate<keyof typeof connections>(compared, 1, async (side) => {
      const device = devices[side];
      await using receivers = await openReceivers(device.url, connections[side], viewers, cameras.names);
      await sleep(settling);
      for (let nth = 0; nth < record.rounds(windows); nth++) {
        const [before, sent, start] = [machineTime(), packetsSent(), performance.now()];
        const times = cpuTimes(device.pid);
        const [cpu, receiving] = (await cpuShares([device.pid, receivers.pid])) as [number, number];
        const after = cpuTimes(device.pid);
        packets = (packetsSent() - sent) / viewers / ((performance.now() - start) / 1000);
        const [user, kernel] = [after.user - times.user, after.kernel - times.kernel];
        const used = memory(device.pid);
        const add = (what: string, unit: '% of a core' | 'MiB', sample: number) =>
          record.add({ what, side, unit }, sample, { receivers: receiving, ...machineLoad(before) });
        add(`CPU of the device, ${viewers} viewers of 9 tiles`, '% of a core', cpu);
        add(`memory of the device, ${viewers} viewers of 9 tiles`, 'MiB', used);
        points[side].cpu.push([viewers, cpu]);
        points[side].kernel.push([viewers, cpu * (kernel / Math.max(1, user + kernel))]);
        points[side].memory.push([viewers, used]);
      }
    });
    await Promise.all([untilAlone(walls), untilAlone(singles)]);
  }
  const most = Math.max(...viewerCounts);
  const alone = ((await bareSending(most, packets)) * packets * 100) / 1e6;
  for (const side of ['multistream', 'iframes'] as const) {
    const slope = (of: 'cpu' | 'kernel' | 'memory') => fitLine(points[side][of]).slope;
    record.add({ what: 'CPU a viewer of 9 tiles, by the fitted line', side, unit: '% of a core' }, slope('cpu'));
    const inKernel = 'of it in the kernel, which sends the packets';
    record.add({ what: inKernel, side, unit: '% of a core' }, slope('kernel'));
    const bare = 'as many packets sent by a bare loop, in the kernel';
    record.add({ what: bare, side, unit: '% of a core' }, alone);
    record.add({ what: 'memory a viewer of 9 tiles, by the fitted line', side, unit: 'MiB' }, slope('memory'));
  }
}

/** With nobody watching: the device's own share, and that of a camera's process. */
async function measureCameras(record: Recorder, device: Device, count: number): Promise<void> {
  await sleep(1000);
  const children = descendants(device.pid);
  for (let nth = 0; nth < record.rounds(windows); nth++) {
    const [own = 0, ...others] = await cpuShares([device.pid, ...children]);
    addCost(record, 'a warm camera in the device itself', own / count, memory(device.pid) / count);
    addCost(record, 'a warm camera in its process', sum(others, (cpu) => cpu) / count, sum(children, memory) / count);
  }
}

/** Two devices read the same camera, and one of them makes a variant of it. */
async function measureVariant(record: Recorder): Promise<void> {
  await using cameras = await openCameras(1, { width: 1280, height: 720, bitrate: 1500 });
  const variant = { source: 'ffmpeg:camera1#video=h264#height=360', preload: true };
  await using without = await openDevice({ streams: warm(cameras.urls) });
  await using device = await openDevice({ streams: { ...warm(cameras.urls), 'camera1-360p': variant } });
  await sleep(1000);
  const processes = [device, without].flatMap(({ pid }) => descendants(pid)) as [number, number];
  for (let nth = 0; nth < record.rounds(windows); nth++) {
    const [cpu = 0, base = 0] = await cpuShares(processes);
    addCost(record, 'a 360p variant of a 720p camera', cpu - base, memory(processes[0]) - memory(processes[1]));
  }
}

function addCost(record: Recorder, of: string, cpu: number, mebibytes: number): void {
  const side: SideName = 'multistream';
  record.add({ what: `CPU of ${of}`, side, unit: '% of a core' }, cpu);
  record.add({ what: `memory of ${of}`, side, unit: 'MiB' }, mebibytes);
}

/** Shares of one core over a window, in percent. */
async function cpuShares(pids: readonly number[]): Promise<number[]> {
  const before = pids.map(fineCpuTime);
  const start = performance.now();
  await sleep(window);
  const elapsed = performance.now() - start;
  return pids.map((pid, index) => ((fineCpuTime(pid) - (before[index] ?? 0)) / elapsed) * 100);
}

/** The viewers that are gone are noticed. */
async function untilAlone(device: Device): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${device.url}/metrics`)).text();
    if (/^multistream_sessions 0$/m.test(metrics)) {
      return;
    }
    await sleep(50);
  }
}
