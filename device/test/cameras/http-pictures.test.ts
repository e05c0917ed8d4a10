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
import { record } from '../support/recordings.ts';

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

  function play(source: string) {
    const config = parseConfig(JSON.stringify({ multistream: { linger: 0 }, streams: { one: source } }), 'test.yaml');
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

  it('plays where a picture comes every seven seconds', { timeout: 60_000 }, async () => {
    answer = (_, response) => stream(response, written['image/jpg'] as (typeof written)[string], 7000);
    await play(`${address}/slow`).received(3);
  });

  for (const challenges of [
    ['Digest realm="c", nonce="n1", qop="auth", algorithm=SHA-256'],
    ['Digest realm="c", nonce="n1", qop="auth", algorithm=MD5', 'Digest realm="c", nonce="n1", algorithm=SHA-256'],
    ['Basic realm="c"'],
  ]) {
    it(`logs in where it is asked by ${challenges.join(' and ')}`, async () => {
      const expected = (authorization: string) => {
        if (challenges[0]?.startsWith('Basic')) {
          return authorization === `Basic ${Buffer.from('us er:p@w').toString('base64')}`;
        }
        const param = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(authorization)?.[1];
        const hex = (text: string) => createHash('sha256').update(text).digest('hex');
        const qop = param('qop') === undefined ? '' : `:${param('nc')}:${param('cnonce')}:auth`;
        return param('response') === hex(`${hex('us er:c:p@w')}:n1${qop}:${hex('GET:/a%20b?c=d')}`);
      };
      answer = (request, response) => {
        if (expected(request.headers.authorization ?? '')) {
          return stream(response, written['image/jpg'] as (typeof written)[string]);
        }
        response.writeHead(401, { 'WWW-Authenticate': challenges }).end();
      };
      await play(`${address.replace('//', '//us%20er:p%40w@')}/a%20b?c=d`).received(2);
    });
  }

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
