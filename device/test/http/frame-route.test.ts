import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type RunningDevice, startCameras, startDevice } from '../support/processes.ts';

type Cameras = Awaited<ReturnType<typeof startCameras>>;

describe('a still over HTTP', () => {
  let cameras: Cameras;
  let device: RunningDevice;

  before(async () => {
    cameras = await startCameras([{ name: 'one', color: [200, 40, 40], width: 640, height: 360, rate: 25, gop: 25 }]);
    device = await startDevice(`
api: { listen: "127.0.0.1:0", tokens: [{ token: all }, { token: some, streams: ["two*"] }] }
webrtc: { listen: ":0" }
streams:
  one: ${cameras.urls.one}
  one-180p: ffmpeg:one#video=h264#height=180
  two: rtsp://127.0.0.1:9/absent`);
  });

  after(async () => {
    await device.stop();
    await cameras.stop();
  });

  const get = (query: string, token = 'all') => fetch(`${device.url}/api/frame.jpeg?${query}&token=${token}`);

  /** Width and height stand in the start of frame (ITU-T T.81, B.2.2). */
  async function size(response: Response): Promise<[number, number]> {
    assert.equal(response.headers.get('content-type'), 'image/jpeg');
    const jpeg = Buffer.from(await response.arrayBuffer());
    const frame = jpeg.indexOf('ffc0', 0, 'hex');
    return [jpeg.readUInt16BE(frame + 7), jpeg.readUInt16BE(frame + 5)];
  }

  it('starts a camera without viewers and shows it in its size, or in the width that is asked for', async () => {
    assert.deepEqual(await size(await get('src=one')), [640, 360]);
    assert.deepEqual(await size(await get('src=one&w=320')), [320, 180]);
    assert.deepEqual(await size(await get('src=one&h=180')), [320, 180]);
    assert.deepEqual(await size(await get('src=one-180p')), [320, 180]);
  });

  it('says what is wrong with a request', async () => {
    assert.equal((await get('src=nowhere')).status, 404);
    assert.equal((await get('w=100')).status, 400);
    assert.deepEqual(await (await get('w=100')).json(), { error: 'src names a stream' });
    assert.equal((await get('src=one&w=ten')).status, 400);
    assert.equal((await get('src=one&w=9999')).status, 400);
    assert.equal((await get('src=one&h=9999')).status, 400);
  });

  it("says why there is no picture, in the camera's words", async () => {
    const response = await get('src=two');
    assert.equal(response.status, 503);
    assert.match(((await response.json()) as { error: string }).error, /Connection refused/);
  });

  it('shows a stream only to who may see it', async () => {
    assert.equal((await get('src=one', 'some')).status, 404);
    assert.equal((await get('src=one', 'wrong')).status, 401);
  });
});
