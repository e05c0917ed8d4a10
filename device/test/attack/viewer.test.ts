import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { HeadlessViewer } from '../support/headless-viewer.ts';
import { startObserved } from '../support/holdings.ts';
import { type RunningCameras, type RunningDevice, startCameras } from '../support/processes.ts';
import * as rtcp from '../support/rtcp.ts';
import { whileBystanderWatches } from './bystander.ts';

/** Bytes of an answered PLI or NACK that a viewer may cause at once, and the debt for a GOP: see docs/security.md. */
const budget = 4_000_000;
const seconds = 3;

describe('a hostile viewer', { timeout: 180_000 }, () => {
  let cameras: RunningCameras;
  let device: RunningDevice;
  let hostile: HeadlessViewer;
  let bystander: HeadlessViewer;

  before(async () => {
    // A GOP of four seconds, all of which a PLI asks for.
    const settings = { color: [200, 40, 40] as const, width: 1280, height: 720, gop: 100, bitrate: 6000, detail: true };
    cameras = await startCameras([{ name: 'camera', ...settings }]);
    device = await startObserved(
      'api: { listen: "127.0.0.1:0" }\nstreams:\n  one: ffmpeg:virtual?video=testsrc2&size=720#video=h264\n' +
        `  two: ffmpeg:virtual?video=testsrc2&size=360#video=h264\n  passed on: ${cameras.urls.camera}\n`,
    );
    bystander = await HeadlessViewer.open(device.url, ['two']);
    hostile = await HeadlessViewer.open(device.url, ['one', 'two']);
    await Promise.all([bystander.receives(0, 100), hostile.receives(0, 100), hostile.receives(1)]);
  });

  after(async () => {
    await hostile?.close();
    await bystander?.close();
    await device?.stop();
    await cameras?.stop();
  });

  /** @returns bytes that the hostile viewer got meanwhile */
  async function whileOthersWatch(attack: () => Promise<void>): Promise<number> {
    const bytes = () => hostile.received(0).bytes + hostile.received(1).bytes;
    const before = bytes();
    await whileBystanderWatches(device, bystander, attack);
    return bytes() - before;
  }

  const flood = (perSecond: number, ...packets: Buffer[]) =>
    hostile.flood({ packets: packets.map((packet) => packet.toString('hex')), perSecond, seconds });

  /** The bytes that the hostile viewer is sent in as long a time when it behaves. */
  let usual: number;

  it('gets its pictures while it behaves', async () => {
    usual = await whileOthersWatch(() => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
    assert.ok(usual > 100_000, `${usual} bytes`);
  });

  it('hangs nothing with source descriptions that are broken, or as long as can be', async () => {
    await whileOthersWatch(() => flood(1000, rtcp.brokenDescription, rtcp.longDescription()));
  });

  it('hangs nothing with RTCP of every type, whole, cut, and with lengths that are wrong', async () => {
    const packets = Array.from({ length: 32 }, (_, index) => 192 + index).flatMap((type) =>
      [0, 1, 15, 31].flatMap((count) => {
        const packet = Buffer.alloc(64, 1);
        packet.writeUInt8(0x80 | count, 0);
        packet.writeUInt8(type, 1);
        return [15, 0, 16, 0xffff].map((length) => {
          const one = Buffer.from(packet);
          one.writeUInt16BE(length, 2);
          one.writeUInt32BE(hostile.ssrcs[0] ?? 0, 8);
          return one;
        });
      }),
    );
    await whileOthersWatch(() => flood(2000, rtcp.emptyReport, ...packets));
  });

  it('is sent no more than its budget when it misses everything again and again', async () => {
    const newest = hostile.received(0).newest;
    const packets = Array.from({ length: 20 }, (_, ahead) =>
      rtcp.nackBefore(hostile.ssrcs[0] ?? 0, newest + 40 * ahead, 1000),
    );
    const bytes = await whileOthersWatch(() => flood(1000, ...packets));
    assert.ok(bytes < 3 * usual + budget, `${bytes} bytes, where ${usual} are usual`);
  });

  it('is sent no more than its budget when it loses every picture', async () => {
    const [one = 0, two = 0] = hostile.ssrcs;
    const bytes = await whileOthersWatch(async () => {
      await flood(2000, rtcp.pli(one), rtcp.pli(two), rtcp.fir(one, two));
    });
    assert.ok(bytes < 4 * usual + budget, `${bytes} bytes, where ${usual} are usual`);
  });

  it('is sent no more than its budget when it loses every picture of a camera that is passed on, on nine slots', async () => {
    const greedy = await HeadlessViewer.open(
      device.url,
      Array.from({ length: 9 }, () => 'passed on'),
    );
    const bytes = () => greedy.report.received.reduce((sum, received) => sum + received.bytes, 0);
    const sent = async (attack: () => Promise<unknown>) => {
      const before = bytes();
      await attack();
      return bytes() - before;
    };
    try {
      // The first GOPs, which are no part of what is usual.
      await greedy.receives(8, 100);
      const usual = await sent(() => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
      let flooded = 0;
      await whileOthersWatch(async () => {
        const packets = [...greedy.ssrcs.map(rtcp.pli), rtcp.fir(...greedy.ssrcs)].map((packet) =>
          packet.toString('hex'),
        );
        flooded = await sent(() => greedy.flood({ packets, perSecond: 1000, seconds }));
      });
      assert.ok(flooded < 3 * usual + budget, `${flooded} bytes, where ${usual} are usual`);
    } finally {
      await greedy.close();
    }
  });

  it('opens nothing with its candidates', async () => {
    const threads = () => Number(/^Threads:\s+(\d+)/m.exec(statusOf(device.pid))?.[1]);
    const before = threads();
    await whileOthersWatch(async () => {
      for (let index = 0; index < 90; index++) {
        const host = index % 2 === 0 ? `camera-${index}.example` : `192.0.2.${index}`;
        const candidate = `candidate:${index} 1 udp ${index + 1} ${host} 9 typ host`;
        hostile.send({ type: 'multistream/ice', candidate });
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    });
    assert.ok(threads() <= before + 2, `${threads()} threads after ${before}`);
  });

  it('disturbs no other with wishes, as fast as it may have them', async () => {
    const greedy = await HeadlessViewer.open(device.url, ['one', 'two', 'passed on']);
    const names = ['one', 'two', 'passed on', 'none', '__proto__'];
    const stream = (at: number) => names[at % names.length] as string;
    const wishes = [
      (at: number) => ({ type: 'multistream/switch', slot: at % 4, stream: stream(at) }),
      (at: number) => ({
        type: 'multistream/prepare',
        streams: [1, 2, 3, 4].map((more) => ({ stream: stream(at + more) })),
      }),
      (at: number) => ({ type: 'multistream/listen', slot: (at % 4) - 1 }),
      (at: number) => ({ type: 'multistream/keyframe', slot: (at % 4) - 1 }),
      (at: number) => ({ type: 'multistream/authorize', token: 'x'.repeat(8192), request_id: String(at) }),
      (at: number) => ({ type: 'multistream/pause', slot: at % 4 }),
      (at: number) => ({ type: 'multistream/resume', slot: at % 4, stream: stream(at) }),
    ];
    try {
      await whileOthersWatch(async () => {
        for (let at = 0; at < 45 * seconds; at++) {
          greedy.send((wishes[at % wishes.length] as (typeof wishes)[0])(at));
          await new Promise((resolve) => setTimeout(resolve, 1000 / 45));
        }
        greedy.send({ type: 'multistream/resume', slot: 0, stream: 'two' });
        await greedy.becomes(0, 'active');
        await greedy.close();
      });
    } finally {
      await greedy.close();
    }
    assert.doesNotMatch(device.stderr(), /could not be handled|"level":[56]0/);
  });

  it('still gets its pictures, and so does the next viewer', async () => {
    await hostile.receives(0);
    const other = await HeadlessViewer.open(device.url, ['one']);
    await other.receives(0).finally(() => other.close());
  });
});

function statusOf(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, 'utf8');
}
