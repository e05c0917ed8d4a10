import { expect } from '@open-wc/testing';
import { type Device, startDevice } from '../support/device.ts';

const token = 'the-token-of-this-test-0123456789';

describe('the demo page', () => {
  let device: Device;
  const frame = document.createElement('iframe');

  before(async () => {
    const camera = 'streams:\n  test: ffmpeg:virtual?video=testsrc&size=320x180&rate=10#video=h264\n';
    const api = `api: {listen: "127.0.0.1:0", origin: "*", tokens: [{token: "${token}"}]}`;
    device = await startDevice(`${api}\nwebrtc: {listen: ":0"}\n${camera}`);
    frame.allow = 'autoplay';
    document.body.append(frame);
  });

  after(async () => {
    frame.remove();
    await device.stop();
  });

  it('passes the token in its address on to all that it asks of the device', async () => {
    // All its tiles show the only camera. Without the token it would not even know which cameras there are.
    frame.src = `${device.url}/?token=${token}&tiles=4`;
    await untilWatchedBy(4);
  });

  /** Waits until so many slots show the camera; mocha's timeout is the limit. */
  async function untilWatchedBy(slots: number): Promise<void> {
    for (let viewers = -1; viewers !== slots; ) {
      const response = await fetch(`${device.url}/api/streams?token=${token}`);
      expect(response.status).to.equal(200);
      ({ viewers } = ((await response.json()) as { test: { viewers: number } }).test);
    }
  }
});
