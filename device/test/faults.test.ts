/** Faults that a machine has in months, while viewers look on: one device has all of them, one after the other. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, globSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openReceivers } from '../../bench/support/receivers.ts';
import { ApiClient } from './support/api-client.ts';
import { childrenOf } from './support/child-ids.ts';
import type { Received } from './support/headless-peer.ts';
import { HeadlessViewer } from './support/headless-viewer.ts';
import { type Holdings, holdings, observed } from './support/holdings.ts';
import { addresses, createNetworks, networksFault } from './support/networks.ts';
import { type RunningCameras, type RunningDevice, startCameras, startDevice } from './support/processes.ts';
import { until } from './support/until.ts';

const isRoot = process.getuid?.() === 0;
const rate = 25;
/** Gives programs a wall clock that a file sets; installed by `npm test` as root. */
const [clockLibrary] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');

describe('a device under faults', { timeout: 180_000 }, () => {
  let folder: string;
  let cameras: RunningCameras;
  let device: RunningDevice;
  /** Watches a camera that is passed on and one that is made, and does nothing else. */
  let bystander: HeadlessViewer;
  /** They read nothing from the beginning on: one over UDP, one over its WebSocket. */
  let still: HeadlessViewer;
  let unread: ApiClient;
  let first: Holdings;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multistream-faults-'));
    if (isRoot) {
      assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', folder]).status, 0);
    }
    setClock(0);
    cameras = await startCameras([{ name: 'camera', color: [40, 170, 40], width: 320, height: 180 }]);
    device = await startDevice(
      `
api: { listen: "127.0.0.1:0" }
webrtc: { listen: ":0" }
multistream: { linger: 100ms, max_sessions: 200 }
log: { level: debug }
streams:
  camera: ${cameras.urls.camera}
  made: ffmpeg:virtual?video=testsrc&size=320x180&rate=${rate}#video=h264
  other: ffmpeg:virtual?video=testsrc2&size=320x180&rate=${rate}#video=h264
`,
      [
        ...['env', `NODE_OPTIONS=--import ${observed}`],
        ...(clockLibrary === undefined ? [] : wallClockOf(clockLibrary, join(folder, 'clock'))),
        ...['sh', '-c', `exec "$0" "$@" 2>>${folder}/log`],
      ],
    );
    bystander = await HeadlessViewer.open(device.url, ['camera', 'made']);
    await Promise.all([bystander.receives(0, 100), bystander.receives(1, 100)]);
    first = await holdings(device);
    still = await HeadlessViewer.open(device.url, ['camera', 'made']);
    await still.receives(1);
    still.halt();
    unread = await ApiClient.open(device.url);
    unread.send(initOver('camera'));
    await until(() => unread.pictures.length > 0);
    unread.halt();
  });

  after(async () => {
    unread?.close();
    await still?.close();
    await bystander?.close();
    await device?.stop();
    await cameras?.stop();
    if (isRoot) {
      spawnSync('umount', [folder]);
    }
    await rm(folder, { recursive: true });
  });

  /** @param hours ahead of the real time */
  const setClock = (hours: number) => writeFileSync(join(folder, 'clock'), `${hours < 0 ? '' : '+'}${hours}h`);
  const log = () => readFileSync(join(folder, 'log'), 'utf8');
  /** Until both slots get as many pictures as in this many milliseconds of a quiet time, and lose none of them. */
  const playsOn = async (milliseconds = 1000) => {
    await Promise.all(
      [0, 1].map(async (slot) => {
        const { pictures } = bystander.received(slot);
        await bystander.receivedWhere(slot, (now) => now.pictures >= pictures + (rate * milliseconds) / 1000);
      }),
    );
  };
  /** Its configuration is gone by now, which it says each time. */
  const logsLines = async () => {
    for (let count = 0; count < 20; count++) {
      process.kill(device.pid, 'SIGHUP');
      await sleep(20);
    }
  };
  const sessions = async () =>
    Number(/^multistream_sessions (\d+)$/m.exec(await (await fetch(`${device.url}/metrics`)).text())?.[1]);
  /** Another viewer comes and gets pictures. */
  const takesViewers = async () => {
    const viewer = await HeadlessViewer.open(device.url, ['made', 'camera']);
    await Promise.all([viewer.receives(0), viewer.receives(1)]).finally(() => viewer.close());
  };

  it('goes on with the same viewers, and takes others, after it stood still for six seconds', async () => {
    process.kill(device.pid, 'SIGSTOP');
    await sleep(6000);
    process.kill(device.pid, 'SIGCONT');
    await playsOn();
    await takesViewers();
  });

  it('makes a camera anew whose coder was killed, with the spare one, and the viewers of others lose nothing', async () => {
    const { gaps } = bystander.received(0);
    for (const coder of await childrenOf(device.pid)) {
      process.kill(coder, 'SIGKILL');
    }
    await bystander.becomes(1, 'offline');
    await bystander.becomes(1, 'active');
    await playsOn();
    assert.equal(bystander.received(0).gaps, gaps);
  });

  it(`plays on and takes viewers when its clock jumps by hours, ahead and back${clockLibrary ? '' : ' (skipped: libfaketime is not installed)'}`, {
    skip: clockLibrary === undefined,
  }, async () => {
    const hoursAhead = async () => {
      const { headers } = await fetch(`${device.url}/healthz`);
      return Math.round((Date.parse(headers.get('Date') ?? '') - Date.now()) / 3_600_000);
    };
    const before = [0, 1].map((slot) => bystander.received(slot).gaps);
    for (const hours of [5, -5]) {
      setClock(hours);
      await until(async () => (await hoursAhead()) === hours);
      await playsOn();
    }
    await takesViewers();
    setClock(0);
    assert.deepEqual(
      [0, 1].map((slot) => bystander.received(slot).gaps),
      before,
    );
  });

  it('plays on without descriptors, and takes viewers and opens cameras once it has some', async () => {
    const fds = () => readdirSync(`/proc/${device.pid}/fd`).length;
    const limit = (most: number | string) =>
      assert.equal(spawnSync('prlimit', ['--pid', String(device.pid), `--nofile=${most}:`]).status, 0);
    const [, former = ''] = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${device.pid}/limits`, 'utf8')) ?? [];
    const client = await ApiClient.open(device.url);
    const port = Number(new URL(device.url).port);
    const held: Socket[] = [];
    limit(fds() + 4);
    try {
      for (let count = 0; count < 30; count++) {
        held.push(connect(port, '127.0.0.1').on('error', () => {}));
      }
      await playsOn();
      // A session that there is may ask for what takes descriptors: a camera that has to be opened.
      client.send(initOver('other'));
      await playsOn(2000);
      await sleep(1000);
    } finally {
      limit(former);
      for (const socket of held) {
        socket.destroy();
      }
    }
    await until(() => client.pictures.length > 10);
    client.close();
    await takesViewers();
    await playsOn();
  });

  it(`plays on while the disk of its log is full, and logs again when it is not${isRoot ? '' : ' (skipped: only root can mount a small disk)'}`, {
    skip: !isRoot,
  }, async () => {
    const filler = openSync(join(folder, 'filler'), 'w');
    const bytes = Buffer.alloc(4096);
    assert.throws(() => {
      for (;;) {
        writeSync(filler, bytes);
      }
    }, /ENOSPC/);
    closeSync(filler);
    const size = () => readFileSync(join(folder, 'log')).length;
    // Until the last page of the log is full as well.
    for (let before = -1; before !== size(); ) {
      before = size();
      await logsLines();
    }
    await playsOn();
    await takesViewers();
    await rm(join(folder, 'filler'));
    await logsLines();
    assert.match(log(), /could not be written; lines are left out here/);
    for (const line of log().trimEnd().split('\n')) {
      assert.ok(line.startsWith('{'), line);
    }
  });

  it('takes a hundred viewers in one second, and those that there are get their pictures meanwhile', async () => {
    const start = bystander.report;
    const hundred = await openReceivers(device.url, 'wall', 100, ['made'], 100);
    try {
      const end = bystander.report;
      assert.ok((await sessions()) > 100);
      for (const slot of [0, 1]) {
        const [first, last] = [start, end].map(({ received }) => received[slot] as Received) as [Received, Received];
        const perSecond = (last.pictures - first.pictures) / ((end.at - start.at) / 1000);
        assert.ok(perSecond > 0.8 * rate, `${perSecond} pictures a second`);
        assert.equal(last.gaps, first.gaps);
      }
    } finally {
      await hundred[Symbol.asyncDispose]();
    }
    await until(async () => (await sessions()) < 4);
    await playsOn();
  });

  it('lets viewers go that read nothing, and holds no more in the end for one that never sent RTCP', async () => {
    await until(async () => (await sessions()) === 1);
    await playsOn();
    const last = await holdings(device);
    for (const [key, more] of Object.entries({ external: 8e6, heap: 8e6, descriptors: 3, threads: 2, handles: 3 })) {
      const [before, now] = [first, last].map((held) => held[key as keyof Holdings]) as [number, number];
      assert.ok(now <= before + more, `${key}: ${before}, then ${now}`);
    }
  });
});

const fault = networksFault();

describe(`a network that comes and goes every second${fault === null ? '' : ` (skipped: ${fault})`}`, {
  skip: fault !== null,
}, () => {
  it('shows its pictures whenever it is there, in the same session', async () => {
    const networks = createNetworks({ viewersUdp: 'to the device' });
    const device = await startDevice(
      `
api: { listen: "${addresses.device}:0" }
webrtc: { listen: ":0" }
streams: { made: "ffmpeg:virtual?video=testsrc&size=320x180&rate=${rate}#video=h264" }
`,
      networks.within('device'),
    );
    try {
      const viewer = await HeadlessViewer.open(device.url, ['made'], { within: networks.within('viewer') });
      await viewer.receives(0, 50);
      for (let cut = 0; cut < 5; cut++) {
        networks.cutPath();
        await sleep(1000);
        networks.returnPath();
        const { pictures } = viewer.received(0);
        await sleep(1000);
        const seen = viewer.received(0).pictures - pictures;
        assert.ok(seen > rate / 2, `${seen} pictures in second ${cut}`);
      }
      assert.ok(viewer.received(0).gaps > 5 * 10, 'the path was away');
      assert.deepEqual(
        viewer.statuses(0).map(({ status }) => status),
        ['buffering', 'active'],
      );
      await viewer.close();
    } finally {
      await device.stop();
      networks.close();
    }
  });
});

function initOver(stream: string) {
  const accept = ['avc1.640033'];
  return { type: 'multistream/init', slots: [{ slot: 0, stream }], transport: 'socket', accept };
}

/** The environment of a program, as arguments of `env`, whose wall clock is set by a file; other clocks go on. */
function wallClockOf(library: string, file: string): string[] {
  return [
    `LD_PRELOAD=${library}`,
    `FAKETIME_TIMESTAMP_FILE=${file}`,
    'FAKETIME_CACHE_DURATION=1',
    'FAKETIME_DONT_FAKE_MONOTONIC=1',
  ];
}
