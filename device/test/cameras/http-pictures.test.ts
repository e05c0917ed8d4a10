import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { parseConfig } from '../../src/config/config.ts';
import { Lineup } from '../../src/lineup.ts';
import type { Stream } from '../../src/streams/stream.ts';
import { Changes } from '../support/changes.ts';
import { splitPictures } from '../support/nal-units.ts';
import { record } from '../support/recordings.ts';
import { startScriptedCamera } from '../support/scripted-camera.ts';

/** Parts of a multipart stream as cameras write them: the headers of the answer, and those of a part. */
const written: Record<string, { type?: string; part: (bytes: number) => string }> = {
  'image/jpg': {
    type: 'multipart/x-mixed-replace; boundary=b',
    part: (bytes) => `--b\r\nContent-Type: image/jpg\r\nContent-Length: ${bytes}\r\n\r\n`,
  },
  'image/jpeg with a charset': {
    type: 'multipart/x-mixed-replace;boundary="--b"',
    part: () => '--b\r\nContent-type: image/jpeg; charset=UTF-8\r\n\r\n',
  },
  nothing: { type: 'multipart/x-mixed-replace; boundary=b', part: () => '--b\r\n\r\n' },
  'nothing, and with a length that is wrong': {
    type: 'multipart/x-mixed-replace',
    part: (bytes) => `--other\nContent-Length: ${bytes - 7}\n\n`,
  },
  'the same in an answer without a type': { part: () => '--b\r\nContent-Type: image/jpeg\r\n\r\n' },
  'video/x-motion-jpeg': { type: 'video/x-motion-jpeg', part: () => '--b\nX-Time: 1\nCONTENT-TYPE : IMAGE/JPEG\n\n' },
  'a page, with a preamble': {
    type: 'text/html; charset="utf-8; x"',
    part: () => '\r\n\r\n----a--b\r\ncontent-type: Image/JPEG ; name="a;b"\r\n\r\n',
  },
  'no parts at all': { type: 'application/octet-stream', part: () => '' },
};

describe('a camera over HTTP', () => {
  let folder: string;
  let jpeg: Buffer;
  let server: Server;
  let address: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
  const lineups: Lineup[] = [];
  const asked: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multistream-http-'));
    await record(join(folder, 'still.jpeg'), { encoder: 'mjpeg', seconds: 0.04 });
    jpeg = await readFile(join(folder, 'still.jpeg'));
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      void answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    asked.length = 0;
    await Promise.all(lineups.splice(0).map((lineup) => lineup.close()));
  });

  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  function play(source: string, others: Record<string, string> = {}) {
    const streams = { one: source, ...others };
    const config = parseConfig(JSON.stringify({ multistream: { linger: 0 }, streams }), 'test.yaml');
    const lineup = new Lineup(config, pino({ enabled: false }));
    lineups.push(lineup);
    let units = 0;
    const reasons: string[] = [];
    const changes = new Changes();
    const reading = (lineup.streams.get('one') as Stream).read(
      {
        unit: () => {
          units++;
          changes.wake();
        },
        changed: () => {
          if (reading.state === 'offline') {
            reasons.push(reading.reason);
          }
          changes.wake();
        },
      },
      ({ codec }) => codec === 'H264',
    );
    return {
      reasons,
      received: async (count: number) => {
        await changes.until(() => units >= count || reasons.length > 0);
        assert.deepEqual(reasons, []);
      },
      refusal: async () => {
        await changes.until(() => reasons.length > 0);
        return reasons[0] as string;
      },
    };
  }

  /** Sends pictures for as long as they are wanted. @param wait milliseconds between two of them */
  async function stream(response: ServerResponse, { type, part }: (typeof written)[string], wait = 40): Promise<void> {
    response.writeHead(200, type === undefined ? {} : { 'Content-Type': type });
    while (!response.destroyed) {
      response.write(Buffer.concat([Buffer.from(part(jpeg.length)), jpeg, Buffer.from('\r\n')]));
      await sleep(wait);
    }
  }

  for (const [name, how] of Object.entries(written)) {
    it(`plays where it types its pictures as ${name}`, async () => {
      answer = (_, response) => stream(response, how);
      await play(`${address}/mjpeg`).received(10);
      assert.deepEqual(asked, ['/mjpeg']);
    });
  }

  for (const type of ['image/jpeg', 'image/jpg; charset=binary', undefined]) {
    it(`is asked again and again where it gives a snapshot as ${type ?? 'nothing'}`, async () => {
      answer = (_, response) => {
        response.writeHead(200, type === undefined ? {} : { 'Content-Type': type }).end(jpeg);
      };
      const began = performance.now();
      await play(`${address}/snapshot.jpg?channel=1`).received(6);
      assert.ok(performance.now() - began > 1000, 'not more than five a second');
      assert.ok(asked.every((url) => url === '/snapshot.jpg?channel=1'));
    });
  }

  it('plays on where a snapshot fails once', async () => {
    let count = 0;
    answer = (_, response) => {
      response.writeHead(count++ % 3 === 1 ? 503 : 200, { 'Content-Type': 'image/jpeg' }).end(jpeg);
    };
    await play(`${address}/snapshot.jpg`).received(5);
  });

  it('plays where a picture comes every seven seconds, and so does one over RTSP, however it is read', {
    timeout: 60_000,
  }, async () => {
    answer = (_, response) => stream(response, written['image/jpg'] as (typeof written)[string], 7000);
    const file = join(folder, 'slow.h264');
    await record(file, { encoder: 'libx264', options: { tune: 'zerolatency' }, seconds: 0.2, gop: 2 });
    const camera = await startScriptedCamera({ pictures: splitPictures(await readFile(file)), rate: 1 / 7 });
    try {
      const sources = [`${address}/slow`, camera.url, `ffmpeg:${camera.url}`, `ffmpeg:${camera.url}#video=h264#fps=5`];
      const played = sources.map((source) => play(source));
      const variant = play('ffmpeg:camera#video=h264#fps=2', { camera: camera.url });
      await Promise.all([...played, variant].map(({ received }) => received(2)));
    } finally {
      camera.close();
    }
  });

  for (const challenges of [
    ['Digest realm="c", nonce="n1", qop="auth", algorithm=SHA-256'],
    ['Digest realm="c", nonce="n1", qop="auth", algorithm=MD5', 'Digest realm="c", nonce="n1", algorithm=SHA-256'],
    ['Digest realm="c", nonce="n1", qop="auth-int", algorithm="SHA-256", stale=false'],
    ['Negotiate, Digest nonce="n1", realm="c", opaque="", algorithm=sha-256, Basic realm="c"'],
    ['Basic realm="c"'],
  ]) {
    it(`logs in where it is asked by ${challenges.join(' and ')}`, async () => {
      const expected = (authorization: string) => {
        if (challenges[0]?.startsWith('Basic')) {
          return authorization === `Basic ${Buffer.from('us er:p@w%').toString('base64')}`;
        }
        const param = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(authorization)?.[1];
        const hex = (text: string) => createHash('sha256').update(text).digest('hex');
        const qop = param('qop');
        const counted = qop === undefined ? '' : `:${param('nc')}:${param('cnonce')}:${qop}`;
        const asked = `GET:/a%20b?c=d${qop === 'auth-int' ? `:${hex('')}` : ''}`;
        return param('response') === hex(`${hex('us er:c:p@w%')}:n1${counted}:${hex(asked)}`);
      };
      answer = (request, response) => {
        if (expected(request.headers.authorization ?? '')) {
          return stream(response, written['image/jpg'] as (typeof written)[string]);
        }
        response.writeHead(401, { 'WWW-Authenticate': challenges }).end();
      };
      await play(`${address.replace('//', '//us%20er:p%40w%@')}/a%20b?c=d`).received(2);
    });
  }

  const sha256 = ['Digest realm="c", nonce="n1", algorithm=MD5', 'Digest realm="c", nonce="n1", algorithm=SHA-256'];

  /** Answers only a request that has an Authorization, as one of FFmpeg's would not be answered. */
  const behindSha256 = (type: string, body: Buffer) => (request: IncomingMessage, response: ServerResponse) => {
    if (/algorithm="?SHA-256/.test(request.headers.authorization ?? '')) {
      response.writeHead(200, { 'Content-Type': type }).write(body);
    } else {
      response.writeHead(401, { 'WWW-Authenticate': sha256 }).end();
    }
  };

  for (const [format, type] of [
    ['ts', 'video/mp2t'],
    ['flv', 'video/x-flv'],
    ['ts', 'application/octet-stream'],
  ] as const) {
    it(`plays ${format} as ${type} behind a login that FFmpeg does not have`, async () => {
      const file = join(folder, `one.${format}`);
      await record(file, { encoder: 'libx264', seconds: 2 });
      answer = behindSha256(type, await readFile(file));
      await play(`${address.replace('//', '//u:p@')}/live`).received(20);
      assert.deepEqual(asked, ['/live', '/live']);
    });
  }

  it('says so where FFmpeg would have to log in for a playlist, and does not', async () => {
    answer = behindSha256('application/vnd.apple.mpegurl', Buffer.from('#EXTM3U\n'));
    const reason = await play(`${address.replace('//', '//u:p@')}/live.m3u8`).refusal();
    assert.match(reason, /does not open: it asks for a Digest login that FFmpeg, which reads playlists, does not have/);
  });

  it('says so where it takes none of the logins that the device has', async () => {
    for (const challenge of ['NTLM', 'Digest realm="c", nonce="n", algorithm=SHA-512', 'Bearer realm="c"']) {
      answer = (_, response) => void response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
      const reason = await play(`${address.replace('//', '//u:100%25@')}/mjpeg`).refusal();
      assert.match(reason, /asks for a login that this device does not have; allowed: Basic, and Digest/);
    }
  });

  it('says that its password is wrong, or that it wants one', async () => {
    answer = (_, response) => void response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="c"' }).end();
    assert.match(await play(`${address.replace('//', '//u:secret@')}/mjpeg`).refusal(), /user or password is wrong$/);
    assert.match(await play(`${address}/mjpeg`).refusal(), /wants a user and a password$/);
  });

  it('is followed to another address, and its password is not', async () => {
    const other = createServer((request, response) => {
      const { authorization = 'none' } = request.headers;
      response.writeHead(authorization === 'none' ? 200 : 400, { 'Content-Type': 'image/jpeg' }).end(jpeg);
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/there`;
    answer = (request, response) => {
      const headers = request.headers.authorization ? { location } : { 'WWW-Authenticate': 'Basic realm="c"' };
      response.writeHead(request.headers.authorization ? 302 : 401, headers).end();
    };
    await play(`${address.replace('//', '//u:secret@')}/`).received(2);
    other.closeAllConnections();
    other.close();
  });

  it('that accepts and never answers is offline with that reason', async () => {
    answer = () => {};
    assert.match(await play(`${address}/mute`).refusal(), /no answer for 5 s/);
  });

  it('that ends its stream is offline with that reason, and is not taken for a snapshot', async () => {
    answer = (_, response) => {
      const part = Buffer.concat([Buffer.from('--b\r\n\r\n'), jpeg]);
      response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace' });
      response.end(Buffer.concat([part, part, part]));
    };
    assert.match(await play(`${address}/mjpeg`).refusal(), /stopped sending: it ended its answer/);
  });
});
