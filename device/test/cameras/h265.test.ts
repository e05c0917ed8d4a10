import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { HeadlessViewer } from '../support/headless-viewer.ts';
import { type RunningCameras, type RunningDevice, startCameras, startDevice } from '../support/processes.ts';

const size = { color: [40, 160, 60] as const, width: 320, height: 180, gop: 25 };

/** Real cameras, the device, and real WebRTC; what an H.265 decoder makes of it is not seen here, since Chromium has none. */
describe('an H.265 camera', () => {
  let cameras: RunningCameras;
  let device: RunningDevice;
  const viewers: HeadlessViewer[] = [];

  before(async () => {
    cameras = await startCameras([
      { name: 'new', codec: 'H265', ...size },
      { name: 'old', ...size },
    ]);
    device = await startDevice(`
api: { listen: "127.0.0.1:0" }
webrtc: { listen: ":0" }
streams:
  new: ${cameras.urls.new}
  new-90p: ffmpeg:new#video=h264#height=90
  old: ${cameras.urls.old}
  strict: { source: "${cameras.urls.new}", transcode: false }
`);
  });

  afterEach(() => Promise.all(viewers.splice(0).map((viewer) => viewer.close())));

  after(async () => {
    await device.stop();
    await cameras.stop();
  });

  async function view(streams: string[], codecs: ('H264' | 'H265')[]): Promise<HeadlessViewer> {
    const viewer = await HeadlessViewer.open(device.url, streams, { codecs });
    viewers.push(viewer);
    return viewer;
  }

  it('comes as it is to a viewer that takes it, and as H.264 to one that does not, from one process', async () => {
    const [modern, simple] = [await view(['new'], ['H264', 'H265']), await view(['new'], ['H264'])];
    const [one, two] = [await modern.becomes(0, 'active'), await simple.becomes(0, 'active')];
    assert.deepEqual(
      [one, two].map(({ stream, codec, width, height }) => ({ stream, codec, width, height })),
      ['H265', 'H264'].map((codec) => ({ stream: 'new', codec, width: 320, height: 180 })),
    );
    for (const [viewer, codec] of [
      [modern, 'H265'],
      [simple, 'H264'],
    ] as const) {
      const { pictures, gaps } = await viewer.receivedWhere(0, (now) => now.keyframes >= 2 && now.pictures >= 30);
      assert.deepEqual([viewer.received(0).codec, gaps], [codec, 0], `${pictures} pictures`);
    }
    const metrics = await (await fetch(`${device.url}/metrics`)).text();
    assert.match(metrics, /camera_restarts_total\{camera="new"\} 0/);
  });

  it('follows an H.264 camera on one track, and the other way round, without a gap', async () => {
    const viewer = await view(['old'], ['H264', 'H265']);
    await viewer.becomes(0, 'active');
    for (const [stream, codec] of [
      ['new', 'H265'],
      ['new-90p', 'H264'],
      ['new', 'H265'],
      ['old', 'H264'],
    ] as const) {
      const { keyframes } = viewer.received(0);
      viewer.send({ type: 'multistream/switch', slot: 0, stream });
      await viewer.becomes(0, 'active', { stream, codec });
      await viewer.receivedWhere(0, (now) => now.codec === codec && now.keyframes > keyframes);
    }
    await viewer.receives(0);
    assert.equal(viewer.received(0).gaps, 0);
  });

  it('is refused with the reason where it may not be transcoded, and only for those who do not take it', async () => {
    const [modern, simple] = [await view(['strict'], ['H264', 'H265']), await view(['strict'], ['H264'])];
    assert.equal((await modern.becomes(0, 'active')).codec, 'H265');
    assert.match(String((await simple.becomes(0, 'error')).error), /^codec mismatch: the camera's video is H265/);
  });

  it('gives stills, and says what it is', async () => {
    const viewer = await view(['new'], ['H265']);
    await viewer.becomes(0, 'active');
    const still = Buffer.from(await (await fetch(`${device.url}/api/frame.jpeg?src=new&w=160`)).arrayBuffer());
    assert.equal(still.subarray(0, 2).toString('hex'), 'ffd8');
    const list = (await (await fetch(`${device.url}/api/streams`)).json()) as Record<string, { codec: string }>;
    assert.equal(list.new?.codec, 'H265');
  });
});
