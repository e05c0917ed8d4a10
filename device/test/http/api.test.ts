import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { HeadlessViewer } from '../support/headless-viewer.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';
import { until } from '../support/until.ts';

describe("the device's API", () => {
  let device: RunningDevice;

  before(async () => {
    device = await startDevice(`
api: { listen: "127.0.0.1:0" }
webrtc: { listen: ":0" }
streams:
  door: ffmpeg:virtual?video=testsrc&size=160x90&rate=25#video=h264
  yard: ffmpeg:virtual?video=testsrc2&size=160x90&rate=25#video=h264
`);
  });

  after(() => device.stop());

  const get = async (path: string) => (await fetch(device.url + path)).json();

  it('tells its version and how long it has been running', async () => {
    const { multistream, uptime } = (await get('/api')) as { multistream: { version: string }; uptime: number };
    assert.match(multistream.version, /^\d+\.\d+\.\d+/);
    assert.ok(uptime >= 0 && uptime < 60);
  });

  it('says that it is well', async () => {
    assert.deepEqual(await get('/healthz'), { status: 'ok' });
  });

  it('says 426 where a proxy has turned a WebSocket into a plain request', async () => {
    const answer = await fetch(`${device.url}/api/ws`);
    assert.equal(answer.status, 426);
    assert.equal(answer.headers.get('Upgrade'), 'websocket');
    assert.match(((await answer.json()) as { error: string }).error, /proxy/);
  });

  it('has no WebSocket but that one', async () => {
    for (const path of ['/', '/api', '/api/streams', '/ms-grid.js', '/healthz', '/none']) {
      const socket = new WebSocket(`${device.url.replace('http', 'ws')}${path}`);
      const [error] = (await once(socket, 'error')) as [Error];
      assert.match(error.message, /404/, path);
    }
  });

  it('tells what is watched, and counts a switch, while a viewer watches', async () => {
    const viewer = await HeadlessViewer.open(device.url, ['door', 'door']);
    try {
      await Promise.all([viewer.becomes(0, 'active'), viewer.becomes(1, 'active')]);
      const { door } = (await get('/api/streams')) as Record<string, Record<string, unknown>>;
      assert.deepEqual(door, {
        producers: [{ type: 'virtual', url: 'ffmpeg:virtual', medias: ['video, recvonly, H264'] }],
        consumers: [{ type: 'multistream' }, { type: 'multistream' }],
        state: 'live',
        codec: 'H264',
        width: 160,
        height: 90,
        viewers: 2,
        variants: [],
      });
      viewer.send({ type: 'multistream/switch', slot: 0, stream: 'yard' });
      await viewer.becomes(0, 'active');
      const metrics = await (await fetch(`${device.url}/metrics`)).text();
      for (const line of [
        'multistream_sessions 1',
        'multistream_slots{status="active"} 2',
        'multistream_switch_seconds_count 1',
        'multistream_stream_viewers{stream="yard"} 1',
        'multistream_camera_restarts_total{camera="door"} 0',
      ]) {
        assert.ok(metrics.includes(`\n${line}\n`), line);
      }
      assert.match(metrics, /\nmultistream_sent_bytes_total [1-9]/);
    } finally {
      await viewer.close();
    }
  });

  it('says that it is starting until its preloaded cameras have shown a picture or failed', async () => {
    // Takes the connection and says nothing, so that the camera stays starting until the test lets go of it.
    const camera = createServer().listen(0, '127.0.0.1');
    await once(camera, 'listening');
    const connected = once(camera, 'connection');
    let starting: RunningDevice | undefined;
    try {
      starting = await startDevice(`
api: { listen: "127.0.0.1:0" }
webrtc: { listen: ":0" }
streams: { slow: "rtsp://127.0.0.1:${(camera.address() as AddressInfo).port}/x", unwatched: "rtsp://127.0.0.1:9/x" }
preload: [slow]
`);
      const { url } = starting;
      const [socket] = (await connected) as [Socket];
      const answer = await fetch(`${url}/healthz`);
      assert.equal(answer.status, 503);
      assert.deepEqual(await answer.json(), {
        status: 'starting',
        reason: '1 of 1 preloaded streams are starting',
      });
      camera.close();
      socket.destroy();
      await until(async () => (await fetch(`${url}/healthz`)).status === 200);
    } finally {
      camera.close();
      await starting?.stop();
    }
  });
});
