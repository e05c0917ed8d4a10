import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf } from '../support/child-ids.ts';
import { splitPictures } from '../support/nal-units.ts';
import { startDevice } from '../support/processes.ts';
import { record } from '../support/recordings.ts';
import { startScriptedCamera } from '../support/scripted-camera.ts';

/** How long a coder may outlive its device, in milliseconds: a second by its own clock, the rest for a loaded machine. */
const limit = 10_000;

describe('a coder whose device was killed', () => {
  const closers: (() => unknown)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
  });

  /** Accepts connections and says nothing. */
  async function startSilentServer(): Promise<{ url: string; reached: Promise<unknown> }> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
    });
    return {
      url: `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/x`,
      reached: once(server, 'connection'),
    };
  }

  /** Kills a device that reads this source, and waits for the end of its processes. */
  async function outlives(url: string, isReading: () => Promise<unknown>): Promise<void> {
    const config = `api: { listen: "127.0.0.1:0" }\nwebrtc: { listen: ":0" }\nstreams: { one: "${url}" }\npreload: { one: video }\n`;
    const device = await startDevice(config);
    // Resolves when nothing holds its output any more, its processes included.
    closers.push(() => device.kill());
    await isReading();
    const children = await childrenOf(device.pid);
    assert.notEqual(children.length, 0);
    closers.push(() => {
      for (const child of children.filter(isAlive)) {
        process.kill(child, 'SIGKILL');
      }
    });
    process.kill(device.pid, 'SIGKILL');
    const start = performance.now();
    while (children.some(isAlive)) {
      assert.ok(performance.now() - start < limit, `still there: ${children.filter(isAlive)}`);
      await sleep(50);
    }
  }

  for (const [name, mutesAfter] of [
    ['reports and no pictures', 0],
    ['nothing but reports after its pictures', 10],
  ] as const) {
    it(`ends while its camera sends ${name}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'multistream-orphans-'));
      closers.push(() => rm(folder, { recursive: true }));
      const file = join(folder, 'one.h264');
      await record(file, { encoder: 'libx264', options: { preset: 'ultrafast', tune: 'zerolatency' } });
      const camera = await startScriptedCamera({ pictures: splitPictures(await readFile(file)), mutesAfter });
      closers.push(() => camera.close());
      await outlives(`ffmpeg:${camera.url}`, async () => {
        while (camera.sent < mutesAfter || !camera.asked.includes('PLAY')) {
          await sleep(20);
        }
      });
    });
  }

  it('ends while its camera does not answer', async () => {
    const { url, reached } = await startSilentServer();
    await outlives(`ffmpeg:${url}`, () => reached);
  });

  it('ends while it encodes', async () => {
    await outlives('ffmpeg:virtual?video=testsrc2&size=320x180#video=h264', () => sleep(500));
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
