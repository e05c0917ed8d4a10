import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { HeadlessViewer } from '../support/headless-viewer.ts';
import { startObserved } from '../support/holdings.ts';
import type { RunningDevice } from '../support/processes.ts';
import { flood, whileBystanderWatches } from './bystander.ts';
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
    'adds candidates to sessions over HTTP and ends those of others',
    'plays over WebSockets and reads nothing, but answers pings',
    'connects and leaves, as fast as it can',
    'sends as much as a WebSocket may on one after the other',
    'floods WebSockets with messages, pings and bytes',
    'floods the TCP way with frames of no bytes',
    'floods the TCP way with bytes that mean nothing',
    'leaves the TCP way with half a frame',
  ];
  for (const kind of kinds) {
    it(`disturbs no other when it ${kind}`, async () => {
      const port = Number(new URL(device.url).port);
      await whileBystanderWatches(device, bystander, () => flood(kind, { port, webrtcPort }, seconds));
      assert.doesNotMatch(device.stderr(), /"level":[56]0|could not be handled/);
    });
  }
});
