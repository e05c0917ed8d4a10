import { setTimeout as sleep } from 'node:timers/promises';
import type { Part, Recorder, SideName } from '../part.ts';
import { fitLine } from '../stats.ts';
import { type Cameras, openCameras } from '../support/cameras.ts';
import { type Device, openDevice, untilLive, warm } from '../support/device.ts';
import { machineLoad, machineTime } from '../support/machine.ts';
import { bareSending, packetsSent } from '../support/packets.ts';
import { cpuTimes, descendants, fineCpuTime, memory, sum } from '../support/processes.ts';
import { openReceivers } from '../support/receivers.ts';

const tiles = 9;
const viewerCounts = [1, 10, 30, 60];
const connections = { multistream: 'wall', iframes: 'single' } as const;
type Kind = keyof typeof connections;
/**
 * Whom the machine has room for, with their receivers on it; the line is through these. With sixty it is full: some packets
 * come late, and each costs less, since no sleeping process has to be woken for it.
 */
export const mostServed = 30;
const windows = 3;
const window = 1000;
/** Between the last viewer's connection and the first window. */
const settling = 1000;

/** The cost of viewers, cameras and variants for the device; viewers are headless, and nothing decodes. */
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
  // One camera, read nine times: with the encoders of nine the machine could not carry sixty viewers.
  await using camera = await openCameras(1);
  const streams = Array.from({ length: tiles }, (_, index) => `camera${index + 1}`);
  const sources = Object.fromEntries(streams.map((stream) => [stream, camera.urls.camera1 as string]));
  for (const side of ['multistream', 'iframes'] as const) {
    // A device of its own for each side: memory that one has freed would count for the other.
    await using device = await openDevice({ streams: warm(sources), multistream: { max_sessions: 1000 } });
    if (side === 'multistream') {
      await measureCameras(record, device, tiles);
    }
    await measureSide(record, side, device, camera, streams);
  }
}

/** More and more viewers of one kind, and the lines through what they cost. */
async function measureSide(
  record: Recorder,
  side: Kind,
  device: Device,
  camera: Cameras,
  streams: readonly string[],
): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const receivers: number[] = [];
  const windowsSeen: { viewers: number; packets: number; cpu: number; kernel: number; used: number }[] = [];
  let viewers = 0;
  for (const count of viewerCounts) {
    // Without pictures 270 connections are opened in seconds; beside those of thirty viewers they take minutes.
    camera.freeze(true);
    try {
      const more = await openReceivers(device.url, connections[side], count - viewers, streams);
      receivers.push(opened.use(more).pid);
    } finally {
      camera.freeze(false);
    }
    viewers = count;
    await untilLive(device.url, streams);
    await sleep(settling);
    for (let nth = 0; nth < record.rounds(windows); nth++) {
      const [before, sent, start] = [machineTime(), packetsSent(), performance.now()];
      const times = cpuTimes(device.pid);
      const [cpu = 0, ...receiving] = await cpuShares([device.pid, ...receivers]);
      const after = cpuTimes(device.pid);
      const packets = (packetsSent() - sent) / ((performance.now() - start) / 1000);
      const [user, kernel] = [after.user - times.user, after.kernel - times.kernel];
      const used = memory(device.pid);
      const beside = { receivers: sum(receiving, (share) => share), packets, ...machineLoad(before) };
      const of = `of the device, ${viewers} ${viewers === 1 ? 'viewer' : 'viewers'} of 9 tiles`;
      record.add({ what: `CPU ${of}`, side, unit: '% of a core' }, cpu, beside);
      record.add({ what: `memory ${of}`, side, unit: 'MiB' }, used, beside);
      const share = kernel / Math.max(1, user + kernel);
      windowsSeen.push({ viewers, packets, cpu, kernel: cpu * share, used });
    }
  }
  const served = windowsSeen.filter((one) => one.viewers <= mostServed);
  const usual = sum(served, ({ packets }) => packets) / sum(served, (one) => one.viewers);
  const slope = (of: 'cpu' | 'kernel') => fitLine(served.map((one) => [one.viewers, one[of]])).slope;
  record.add({ what: 'CPU a viewer of 9 tiles, by the fitted line', side, unit: '% of a core' }, slope('cpu'));
  const inKernel = 'of it in the kernel, which sends the packets';
  record.add({ what: inKernel, side, unit: '% of a core' }, slope('kernel'));
  const { slope: memorySlope } = fitLine(windowsSeen.map((one) => [one.viewers, one.used]));
  record.add({ what: 'memory a viewer of 9 tiles, by the fitted line', side, unit: 'MiB' }, memorySlope);
  if (side === 'multistream') {
    await opened.disposeAsync();
    const bare = 'as many packets sent by a bare loop, in the kernel';
    const alone = ((await bareSending(viewers, usual)) * usual * 100) / 1e6;
    record.add({ what: bare, side, unit: '% of a core' }, alone);
  }
}

/** Measures without viewers: the device's own share, and that of a camera's process. */
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
