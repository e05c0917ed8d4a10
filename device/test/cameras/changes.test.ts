import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { HeadlessViewer } from '../support/headless-viewer.ts';
import { type RunningDevice, startCameras, startDevice } from '../support/processes.ts';

const camera = { name: 'one', color: [40, 90, 200] as const, width: 1280, height: 720, rate: 10, gop: 10 };

/** Real cameras, the device and real WebRTC. */
describe('a camera that changes under its viewers', () => {
  const closers: (() => unknown)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
  });

  async function device(url: string, settings = ''): Promise<RunningDevice> {
    const running = await startDevice(`
api: { listen: "127.0.0.1:0" }
webrtc: { listen: ":0" }
multistream: { ${settings} }
streams:
  one: ${url}
  one-180p: ffmpeg:one#video=h264#height=180
`);
    closers.push(() => running.stop());
    return running;
  }

  async function view(url: string, streams: string[]): Promise<HeadlessViewer> {
    const viewer = await HeadlessViewer.open(url, streams);
    closers.push(() => viewer.close());
    return viewer;
  }

  it('from 720p to 1080p plays on, and says so', async () => {
    const cameras = await startCameras([camera]);
    closers.push(() => cameras.stop());
    const { url } = await device(cameras.urls.one as string);
    const viewer = await view(url, ['one', 'one-180p']);
    await viewer.becomes(0, 'active', { height: 720 });
    await viewer.becomes(1, 'active');
    const before = viewer.statuses(1).length;
    cameras.resize('one', 1920, 1080);
    await viewer.becomes(0, 'active', { height: 1080 });
    await viewer.receives(0);
    await viewer.receives(1);
    assert.deepEqual([viewer.received(0).gaps, viewer.received(1).gaps], [0, 0]);
    assert.equal(viewer.statuses(1).length, before, 'the variant is as large as it was');
    const list = (await (await fetch(`${url}/api/streams`)).json()) as Record<string, Record<string, unknown>>;
    assert.deepEqual([list.one?.width, list.one?.height, list['one-180p']?.height], [1920, 1080, 180]);
  });

  it('plays, and plays again after a pause, where no GOP is kept', async () => {
    const cameras = await startCameras([{ ...camera, width: 320, height: 180 }]);
    closers.push(() => cameras.stop());
    const { url } = await device(cameras.urls.one as string, 'gop_cache: false');
    const viewer = await view(url, ['one', 'one']);
    await Promise.all([viewer.becomes(0, 'active'), viewer.becomes(1, 'active')]);
    viewer.send({ type: 'multistream/pause', slot: 1 });
    await viewer.becomes(1, 'paused');
    const { keyframes } = viewer.received(1);
    viewer.send({ type: 'multistream/resume', slot: 1 });
    await viewer.becomes(1, 'active');
    await viewer.receivedWhere(1, (now) => now.keyframes > keyframes);
    await viewer.receives(1);
  });
});
