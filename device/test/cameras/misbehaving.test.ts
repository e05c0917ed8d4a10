import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { HeadlessViewer } from '../support/headless-viewer.ts';
import { type RunningDevice, startCameras, startDevice } from '../support/processes.ts';
import { startScriptedCamera } from '../support/scripted-camera.ts';
import { until } from '../support/until.ts';

const head = 'api: { listen: "127.0.0.1:0" }\nwebrtc: { listen: ":0" }\nstreams:\n';
const camera = (name: string, gop = 25) => ({
  name,
  color: [200, 40, 40] as const,
  width: 320,
  height: 180,
  rate: 25,
  gop,
});

/** Real devices, real cameras and real viewers. */
describe('a camera that misbehaves', () => {
  const closers: (() => unknown)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
  });

  async function device(streams: Record<string, string>): Promise<RunningDevice> {
    const running = await startDevice(
      head +
        Object.entries(streams)
          .map(([name, url]) => `  ${name}: ${url}\n`)
          .join(''),
    );
    closers.push(() => running.stop());
    return running;
  }

  async function cameras(list: Parameters<typeof startCameras>[0], port?: number) {
    const running = await startCameras(list, port);
    closers.push(() => running.stop());
    return running;
  }

  async function view(running: RunningDevice, streams: string[]): Promise<HeadlessViewer> {
    const viewer = await HeadlessViewer.open(running.url, streams);
    closers.push(() => viewer.close());
    return viewer;
  }

  it('is back by itself on its slot when it was killed and started again, and the other slot notices nothing', async () => {
    const [one, two] = [await cameras([camera('one')]), await cameras([camera('two')])];
    const viewer = await view(await device({ one: one.urls.one as string, two: two.urls.two as string }), [
      'one',
      'two',
    ]);
    await viewer.becomes(0, 'active');
    await viewer.becomes(1, 'active');
    await one.stop();
    const { error } = await viewer.becomes(0, 'offline');
    assert.ok(error);
    await viewer.receives(1);
    await cameras([camera('one')], one.port);
    await viewer.becomes(0, 'active');
    await viewer.receives(0);
  });

  it('is warm from the start where it is preloaded, and warm again after it was gone, without a viewer', async () => {
    const one = await cameras([camera('one')]);
    const running = await startDevice(`${head}  one: ${one.urls.one}\npreload: { one: video }\n`);
    closers.push(() => running.stop());
    const becomes = (wanted: string) =>
      until(async () => {
        const stream = await fetch(`${running.url}/api/streams?src=one`);
        return ((await stream.json()) as { state: string }).state === wanted;
      });
    await becomes('live');
    await one.stop();
    await becomes('offline');
    await cameras([camera('one')], one.port);
    await becomes('live');
  });

  it('that accepts and never answers is offline with a reason, and four of them hold no other up', async () => {
    const silent = createServer((socket: Socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const sockets = new Set<Socket>();
    silent.on('connection', (socket) => sockets.add(socket));
    closers.push(() => {
      for (const socket of sockets) {
        socket.destroy();
      }
      silent.close();
    });
    const url = `rtsp://127.0.0.1:${(silent.address() as AddressInfo).port}/x`;
    const good = await cameras([camera('good')]);
    const streams = { a: url, b: url, c: url, d: url, good: good.urls.good as string };
    const viewer = await view(await device(streams), Object.keys(streams));
    await viewer.becomes(4, 'active');
    const { error } = await viewer.becomes(0, 'offline');
    assert.match(String(error), /no answer for 5 s/);
    await viewer.receives(4);
  });

  it('that plays and sends nothing but reports is offline with a reason within eight seconds', async () => {
    const mute = await startScriptedCamera({ pictures: [] });
    closers.push(() => mute.close());
    const running = await device({ mute: mute.url });
    const start = performance.now();
    const viewer = await view(running, ['mute']);
    const { error } = await viewer.becomes(0, 'offline');
    assert.match(String(error), /sends no video/);
    assert.ok(performance.now() - start < 8000);
  });

  it('says what its owner can do: about its name, its transport, its password', async () => {
    const udpOnly = await startScriptedCamera({
      pictures: [],
      answer: ({ method, cseq }) =>
        method === 'SETUP' ? `RTSP/1.0 461 Unsupported Transport\r\nCSeq: ${cseq}\r\n\r\n` : null,
    });
    closers.push(() => udpOnly.close());
    const closed = await startScriptedCamera({
      pictures: [],
      answer: ({ cseq }) =>
        `RTSP/1.0 401 Unauthorized\r\nCSeq: ${cseq}\r\nWWW-Authenticate: Basic realm="camera"\r\n\r\n`,
    });
    closers.push(() => closed.close());
    const running = await device({
      unknown: 'rtsp://admin:secret-word@camera.invalid/x',
      udp: udpOnly.url,
      closed: closed.url.replace('//', '//admin:secret-word@'),
    });
    const viewer = await view(running, ['unknown', 'udp', 'closed']);
    for (const [slot, reason] of [/host name is not known/, /#transport=udp/, /401/].entries()) {
      assert.match(String((await viewer.becomes(slot, 'offline')).error), reason);
    }
    assert.doesNotMatch(running.stderr(), /secret/);
  });

  it('that freezes is offline within six seconds, and active again when it goes on', async () => {
    const frozen = await cameras([camera('one')]);
    const viewer = await view(await device({ one: frozen.urls.one as string }), ['one']);
    await viewer.becomes(0, 'active');
    process.kill(frozen.pid, 'SIGSTOP');
    const { error } = await viewer.becomes(0, 'offline');
    assert.match(String(error), /no picture for 5 s|stopped sending/);
    process.kill(frozen.pid, 'SIGCONT');
    await viewer.becomes(0, 'active');
    await viewer.receives(0);
  });

  for (const gop of [1, 250]) {
    it(`plays, and is switched to at once, with a key frame every ${gop} frames`, async () => {
      const both = await cameras([camera('one'), camera('two', gop)]);
      const viewer = await view(await device({ one: both.urls.one as string, two: both.urls.two as string }), [
        'two',
        'one',
      ]);
      await viewer.becomes(0, 'active');
      await viewer.becomes(1, 'active');
      viewer.send({ type: 'multistream/switch', slot: 1, stream: 'two' });
      await viewer.becomes(1, 'active');
      await viewer.receives(1);
    });
  }

  it('does not hold up 36 that start at once', async () => {
    const names = Array.from({ length: 36 }, (_, index) => `camera${index}`);
    const virtual = 'ffmpeg:virtual?video=color&size=160x90&rate=5#video=h264';
    const running = await device(Object.fromEntries(names.map((name) => [name, virtual])));
    const viewers = [];
    for (let first = 0; first < 36; first += 9) {
      viewers.push(await view(running, names.slice(first, first + 9)));
    }
    for (const viewer of viewers) {
      await Promise.all(Array.from({ length: 9 }, (_, slot) => viewer.becomes(slot, 'active')));
    }
  });
});
