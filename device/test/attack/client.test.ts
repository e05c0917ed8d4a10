import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { freePort } from '../support/free-port.ts';
import { HeadlessViewer } from '../support/headless-viewer.ts';
import { startObserved } from '../support/holdings.ts';
import type { RunningDevice } from '../support/processes.ts';
import { whileBystanderWatches } from './bystander.ts';
import type { Kind } from './flood.ts';

const seconds = 3;

describe('a hostile client without credentials', { timeout: 240_000 }, () => {
  let device: RunningDevice;
  let webrtcPort: number;
  let bystander: HeadlessViewer;

  before(async () => {
    webrtcPort = await freePort('tcp');
    device = await startObserved(
      `api: { listen: "127.0.0.1:0" }\nwebrtc: { listen: "127.0.0.1:${webrtcPort}" }\nstreams:\n` +
        '  two: ffmpeg:virtual?video=testsrc2&size=360#video=h264\n',
    );
    bystander = await HeadlessViewer.open(device.url, ['two']);
    await bystander.receives(0, 100);
  });

  after(async () => {
    await bystander?.close();
    await device?.stop();
  });

  const kinds: Kind[] = [
    'asks again before it was answered',
    'asks as fast as it is answered',
    'drips its requests on hundreds of connections',
    'begins a session over HTTP and ends it, again and again',
    'sends as much as a WebSocket may on one after the other',
    'floods WebSockets with messages, pings and bytes',
    'floods the TCP way with frames of no bytes',
    'floods the TCP way with bytes that mean nothing',
    'leaves the TCP way with half a frame',
  ];
  for (const kind of kinds) {
    it(`disturbs no other when it ${kind}`, async () => {
      await whileBystanderWatches(device, bystander, async () => {
        const flood = new Worker(new URL('./flood.ts', import.meta.url), {
          workerData: { kind, port: Number(new URL(device.url).port), webrtcPort },
        });
        try {
          const failed = once(flood, 'error').then(([error]) => Promise.reject(error));
          await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, seconds * 1000))]);
        } finally {
          await flood.terminate();
        }
      });
      assert.doesNotMatch(device.stderr(), /"level":[56]0|could not be handled/);
    });
  }
});
