import { setTimeout as sleep } from 'node:timers/promises';
import type { Part, Recorder } from '../part.ts';
import { type Cameras, openCameras } from '../support/cameras.ts';
import { type Device, openDevice, untilLive, warm } from '../support/device.ts';
import { machineLoad, machineTime } from '../support/machine.ts';
import { bareSending, packetsSent } from '../support/packets.ts';
import { cpuTimes, fineCpuTime } from '../support/processes.ts';
import { openReceivers } from '../support/receivers.ts';

const tiles = 9;
const viewers = 30;
/** Milliseconds. A wall stands for hours: in its first seconds viewers still get GOPs so far and measure their ways, and V8 compiles. */
const settling = 15_000;
const window = 4000;

/** A viewer of nine tiles beside the bare loop that sends as many packets, in turns: the one cannot be below the other. */
export const viewerCost: Part = {
  name: 'viewer',
  title: 'What a viewer costs beside sending its packets',
  seconds: 300,
  compares: true,
  async run(record) {
    await using camera = await openCameras(1);
    const streams = Array.from({ length: tiles }, (_, index) => `camera${index + 1}`);
    const sources = warm(Object.fromEntries(streams.map((stream) => [stream, camera.urls.camera1 as string])));
    const multistream = { max_sessions: 1000, max_sessions_per_address: 1000 };
    await using device = await openDevice({ streams: sources, multistream });
    await using before =
      record.against === null ? null : await openDevice({ streams: sources, multistream, checkout: record.against });
    const isTimeLeft = record.until(0.9);
    for (let round = 0; round < record.rounds(8) && (round === 0 || isTimeLeft()); round++) {
      await measure(record, 'multistream', device, camera, streams);
      if (before !== null) {
        await measure(record, 'before', before, camera, streams);
      }
    }
  },
};

async function measure(
  record: Recorder,
  side: 'multistream' | 'before',
  device: Device,
  camera: Cameras,
  streams: readonly string[],
): Promise<void> {
  await untilLive(device.url, streams);
  const idle = await take(device.pid);
  const receivers = await still(camera, () => openReceivers(device.url, 'wall', viewers, streams));
  try {
    await untilLive(device.url, streams);
    await sleep(settling);
    const watched = await take(device.pid);
    const packets = (watched.packets - idle.packets) / viewers;
    // The device sends nothing meanwhile, and its viewers are still there.
    const micros = await still(camera, () => bareSending(viewers, packets));
    const loop = (micros * packets * 100) / 1e6;
    const cpu = (watched.cpu - idle.cpu) / viewers;
    const beside = { packets, busy: watched.busy, steal: watched.steal };
    record.add({ what: `CPU a viewer of ${tiles} tiles`, side, unit: '% of a core' }, cpu, beside);
    const kernel = (watched.kernel - idle.kernel) / viewers;
    record.add({ what: 'of it in the kernel, which sends the packets', side, unit: '% of a core' }, kernel);
    record.add({ what: 'as many packets sent by a bare loop, in the kernel', side, unit: '% of a core' }, loop);
    record.add({ what: 'a viewer, in times of the bare loop', side, unit: '' }, cpu / loop, beside);
  } finally {
    await receivers[Symbol.asyncDispose]();
  }
}

/** With a camera that sends nothing. */
async function still<T>(camera: Cameras, act: () => Promise<T>): Promise<T> {
  camera.freeze(true);
  try {
    return await act();
  } finally {
    camera.freeze(false);
  }
}

/** Shares of one core over a window, in percent, and the machine's packets a second. */
async function take(pid: number) {
  const [machine, start, packets] = [machineTime(), performance.now(), packetsSent()];
  const [cpu, { kernel }] = [fineCpuTime(pid), cpuTimes(pid)];
  await sleep(window);
  const seconds = (performance.now() - start) / 1000;
  return {
    cpu: (fineCpuTime(pid) - cpu) / seconds / 10,
    kernel: (cpuTimes(pid).kernel - kernel) / seconds / 10,
    packets: (packetsSent() - packets) / seconds,
    ...machineLoad(machine),
  };
}
