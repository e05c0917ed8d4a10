import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { HeadlessViewer } from '../support/headless-viewer.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';
import * as rtcp from '../support/rtcp.ts';

describe('a viewer who sends hostile RTCP', { timeout: 120_000 }, () => {
  let device: RunningDevice;

  before(async () => {
    device = await startDevice(
      'api: { listen: "127.0.0.1:0" }\nstreams:\n  red: ffmpeg:virtual?video=color&color=red&size=360#video=h264\n' +
        '  blue: ffmpeg:virtual?video=color&color=blue&size=360#video=h264\n',
    );
  });

  after(() => device.stop());

  async function answersAtOnce(): Promise<void> {
    const response = await fetch(`${device.url}/healthz`, { signal: AbortSignal.timeout(2000) });
    assert.equal(response.status, 200);
  }

  it('hangs nothing with source descriptions that are broken, or as long as can be', async () => {
    const viewer = await HeadlessViewer.open(device.url, ['red', 'blue']);
    try {
      await viewer.receives(1);
      const packets = [rtcp.brokenDescription, rtcp.longDescription()].map((packet) => packet.toString('hex'));
      await viewer.flood({ packets, perSecond: 500, seconds: 1 });
      await answersAtOnce();
      await viewer.receives(0);
      await viewer.receives(1);
      const other = await HeadlessViewer.open(device.url, ['red']);
      await other.receives(0).finally(() => other.close());
    } finally {
      await viewer.close();
    }
  });
});
