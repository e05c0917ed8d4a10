import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { WebSocket } from 'ws';
import { ApiClient } from '../support/api-client.ts';
import { openBrowser } from '../support/browser.ts';
import { durationsOf, readByFfmpeg } from '../support/fmp4.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';
import { record } from '../support/recordings.ts';
import { sessionsOf } from '../support/sessions-of.ts';
import { until } from '../support/until.ts';

/** The list that go2rtc's `video-rtc.js` sends from a browser with all of them. */
const codecs = 'avc1.640029,avc1.64002A,avc1.640033,hvc1.1.6.L153.B0,mp4a.40.2,mp4a.40.5,flac,opus';

/** Runs in the browser, as `video-rtc.js` does it: a SourceBuffer of the type that the device names, and all that comes. */
const playMse = `async (url) => {
  const video = document.body.appendChild(Object.assign(document.createElement('video'), { muted: true, autoplay: true }));
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }));
  const socket = Object.assign(new WebSocket(url), { binaryType: 'arraybuffer' });
  socket.onopen = () => socket.send(JSON.stringify({ type: 'mse', value: '${codecs}' }));
  const queue = [];
  const said = [];
  let buffer;
  const next = () => { if (buffer && !buffer.updating && queue.length > 0) buffer.appendBuffer(queue.shift()); };
  socket.onmessage = ({ data }) => {
    if (typeof data !== 'string') {
      queue.push(data);
    } else {
      const { type, value } = JSON.parse(data);
      said.push(type + ' ' + value);
      buffer = source.addSourceBuffer(value);
      buffer.addEventListener('updateend', next);
    }
    next();
  };
  await new Promise((resolve) => {
    const look = () => (video.currentTime > 1 ? resolve() : video.requestVideoFrameCallback(look));
    video.requestVideoFrameCallback(look);
  });
  const { width, height } = { width: video.videoWidth, height: video.videoHeight };
  const start = Math.round(video.buffered.start(0) * 5) / 5;
  return { said, width, height, start, ranges: video.buffered.length, hears: video.webkitAudioDecodedByteCount > 0 };
}`;

describe("go2rtc's ways to play without WebRTC", { timeout: 180_000 }, () => {
  let device: RunningDevice;
  let browser: Browser;
  let page: Page;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'go2rtc-players-'));
    const speech = join(folder, 'speech.mp4');
    const x264 = { encoder: 'libx264', options: { preset: 'ultrafast', tune: 'zerolatency' } };
    await record(speech, { ...x264, seconds: 4, sound: { encoder: 'aac', rate: 16_000 } });
    device = await startDevice(`
api: { listen: "127.0.0.1:0", origin: "*", tokens: [{ token: all-of-them }, { token: one, streams: [door, gone, large, speech] }] }
webrtc: { listen: "127.0.0.1:0" }
multistream: { max_sessions: 8 }
streams:
  door: ffmpeg:virtual?video=testsrc&size=320x180&rate=25#video=h264
  large: ffmpeg:virtual?video=testsrc2&size=720&rate=25#video=h264
  gone: rtsp://127.0.0.1:9/gone
  speech: file:${speech}
`);
    browser = await openBrowser();
    page = await browser.newPage();
  });

  after(async () => {
    await browser.close();
    await device.stop();
    await rm(folder, { recursive: true });
  });

  const address = (path: string, token = 'one') => `${device.url}/api/${path}&token=${token}`;
  const sessions = () => sessionsOf(device.url, '?token=all-of-them');

  it('names the codec, and then sends MP4 that FFmpeg reads', async () => {
    const client = await ApiClient.open(device.url, { query: '?src=door&token=one' });
    client.send({ type: 'mse', value: codecs });
    const { value } = await client.next(({ type }) => type === 'mse');
    assert.match(String(value), /^video\/mp4; codecs="avc1\.[0-9a-f]{6}"$/);
    await until(() => client.pictures.length > 30);
    const file = join(folder, 'door.mp4');
    await writeFile(file, Buffer.concat(client.pictures));
    const pictures = await readByFfmpeg(file);
    assert.ok(pictures.length > 20);
    assert.ok(pictures.every(({ width, height }) => width === 320 && height === 180));
    client.close(1000);
    await until(async () => (await sessions()) === 0);
  });

  it('plays in a SourceBuffer of Chromium, from 0 on, without a gap', async () => {
    const url = address('ws?src=door').replace('http', 'ws');
    const { said, ...played } = (await page.evaluate(`(${playMse})('${url}')`)) as { said: string[] };
    assert.deepEqual(played, { width: 320, height: 180, start: 0, ranges: 1, hears: false });
    assert.match(said.join(), /^mse video\/mp4; codecs="avc1\.\w+"$/);
  });

  it('plays with the sound of the stream in a SourceBuffer of Chromium, without a gap', async () => {
    const url = address('ws?src=speech').replace('http', 'ws');
    const { said, ...played } = (await page.evaluate(`(${playMse})('${url}')`)) as { said: string[] };
    assert.deepEqual(played, { width: 320, height: 180, start: 0, ranges: 1, hears: true });
    assert.match(said.join(), /^mse video\/mp4; codecs="avc1\.\w+,mp4a\.40\.2"$/);
  });

  it('has a track of sound in the codec that the client takes, and none where it takes no sound', async () => {
    for (const [path, expected] of [
      ['stream.mp4?src=speech', /^video\/mp4; codecs="avc1\.\w+,mp4a\.40\.2"$/],
      ['stream.mp4?src=speech&video&audio=opus', /^video\/mp4; codecs="avc1\.\w+,opus"$/],
      ['stream.mp4?src=speech&video=h264', /^video\/mp4; codecs="avc1\.\w+"$/],
      ['stream.mp4?src=door', /^video\/mp4; codecs="avc1\.\w+"$/],
    ] as const) {
      const answer = await fetch(address(path));
      assert.match(answer.headers.get('Content-Type') ?? '', expected);
      const isSpeech = expected.source.includes(',');
      const file = join(folder, 'heard.mp4');
      const pieces: Uint8Array[] = [];
      let read = { pictures: 0, sounds: 0 };
      // The pictures that are replayed at the beginning take no time.
      for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
        pieces.push(piece);
        if (pieces.length % 10 === 0) {
          await writeFile(file, Buffer.concat(pieces));
          read = await durationsOf(file);
        }
        if (read.pictures > 1) {
          break;
        }
      }
      const { sounds, pictures } = read;
      assert.ok(isSpeech ? Math.abs(sounds - pictures) < 0.4 : sounds === 0, `${sounds} s of sound, ${pictures} s`);
    }
  });

  it('plays over the same socket on which the player tries WebRTC too', async () => {
    const client = await ApiClient.open(device.url, { query: '?src=door&token=one' });
    client.send({ type: 'mse', value: codecs });
    client.send({ type: 'webrtc/offer', value: 'no offer' });
    assert.match(String((await client.next(({ type }) => type === 'error')).value), /^webrtc\/offer: /);
    await client.next(({ type }) => type === 'mse');
    await until(() => client.pictures.length > 3);
    client.close(1000);
  });

  it('goes on with a JPEG picture a second where the player can play nothing else, as it does after an error of its first way', async () => {
    const client = await ApiClient.open(device.url, { query: '?src=door&token=one' });
    client.send({ type: 'hls', value: codecs });
    const { value } = await client.next(({ type }) => type === 'error');
    // The player looks for the name of the way that it tried first.
    assert.match(String(value), /^hls: this device plays over/);
    client.send({ type: 'mjpeg' });
    await client.next(({ type }) => type === 'mjpeg');
    await until(() => client.pictures.length > 1);
    for (const picture of client.pictures) {
      assert.equal(picture.toString('latin1', 0, 3), '\xff\xd8\xff');
    }
    client.close(1000);
  });

  it('plays on for a client that answers the newest of several pings alone', async () => {
    const socket = new WebSocket(`${device.url.replace('http', 'ws')}/api/ws?src=door&token=one`, { autoPong: false });
    let ping: Buffer | null = null;
    let pictures = 0;
    socket.on('ping', (mark) => {
      ping = mark;
    });
    socket.on('message', (data: Buffer, isBinary) => {
      pictures += isBinary && data.toString('latin1', 0, 3) === '\xff\xd8\xff' ? 1 : 0;
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'mjpeg' }));
    socket.send(JSON.stringify({ type: 'mse', value: codecs }));
    const answering = setInterval(() => {
      if (ping !== null) {
        socket.pong(ping);
        ping = null;
      }
    }, 300);
    try {
      await until(() => pictures > 4);
    } finally {
      clearInterval(answering);
      socket.close(1000);
    }
  });

  it('says in the words of the message what cannot be played', async () => {
    for (const [query, value, error] of [
      ['?src=large2&token=one', codecs, /^mse: stream not found$/],
      ['?src=gone&token=one', codecs, /^mse: /],
      ['?src=door&token=one', 'hvc1.1.6.L153.B0', /^mse: codec mismatch/],
      ['?token=one', codecs, /^mse: stream not found$/],
      ['?src=gone&token=one', null, /^mjpeg: /],
      ['?token=one', null, /^mjpeg: stream not found$/],
    ] as const) {
      const client = await ApiClient.open(device.url, { query });
      client.send(value === null ? { type: 'mjpeg' } : { type: 'mse', value });
      assert.match(String((await client.next(({ type }) => type === 'error')).value), error);
      client.close(1000);
    }
  });

  it('plays as a file that does not end', async () => {
    const size = (await page.evaluate(`(async () => {
      const video = document.body.appendChild(Object.assign(document.createElement('video'), { muted: true, autoplay: true }));
      video.src = '${address('stream.mp4?src=large')}';
      await new Promise((resolve) => {
        const look = () => (video.currentTime > 1 ? resolve() : video.requestVideoFrameCallback(look));
        video.requestVideoFrameCallback(look);
      });
      const size = video.videoWidth + 'x' + video.videoHeight;
      video.removeAttribute('src');
      video.load();
      return size;
    })()`)) as string;
    assert.equal(size, '1280x720');
  });

  it('shows a still a second in an image', async () => {
    const size = await page.evaluate(`(async () => {
      const image = document.body.appendChild(document.createElement('img'));
      image.src = '${address('stream.mjpeg?src=door')}';
      while (image.naturalWidth === 0) await new Promise((resolve) => requestAnimationFrame(resolve));
      const size = image.naturalWidth + 'x' + image.naturalHeight;
      image.src = '';
      return size;
    })()`);
    assert.equal(size, '320x180');
    const answer = await fetch(address('stream.mjpeg?src=door'));
    assert.equal(answer.headers.get('Content-Type'), 'multipart/x-mixed-replace; boundary=picture');
    let text = '';
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(piece).toString('latin1');
      if (text.split('Content-Type: image/jpeg').length > 3) {
        break;
      }
    }
    await page.goto('about:blank');
    await until(async () => (await sessions()) === 0);
  });

  it('answers like every other address: 400, 401, 404, and 503 for a camera that is gone', async () => {
    for (const path of ['stream.mp4', 'stream.mjpeg']) {
      const asked = async (query: string) => (await fetch(`${device.url}/api/${path}${query}`)).status;
      assert.equal(await asked('?src=door'), 401);
      assert.equal(await asked('?token=one'), 400);
      assert.equal(await asked('?src=none&token=one'), 404);
      assert.equal(await asked('?src=gone&token=one'), 503);
    }
    assert.equal(await sessions(), 0);
  });

  it('sends away clients that do not read, and lets others in meanwhile as far as the sessions reach', async () => {
    const { hostname, port } = new URL(device.url);
    const silent = Array.from({ length: 6 }, () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {}).pause();
      socket.write('GET /api/stream.mp4?src=large&token=one HTTP/1.1\r\nHost: localhost\r\n\r\n');
      return socket;
    });
    await until(async () => (await sessions()) === 6);
    const viewers = [await fetch(address('stream.mp4?src=door')), await fetch(address('stream.mp4?src=door'))];
    assert.deepEqual(
      viewers.map(({ status }) => status),
      [200, 200],
    );
    assert.equal((await fetch(address('stream.mp4?src=door'))).status, 503);
    for (const viewer of viewers) {
      await viewer.body?.cancel();
    }
    await until(async () => (await sessions()) === 0);
    for (const socket of silent) {
      socket.destroy();
    }
  });
});
