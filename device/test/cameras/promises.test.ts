import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { parseConfig } from '../../src/config/config.ts';
import { Lineup } from '../../src/lineup.ts';
import type { Stream } from '../../src/streams/stream.ts';
import { childrenOf } from '../support/child-ids.ts';
import { startScriptedCamera } from '../support/scripted-camera.ts';

const mebibyte = 2 ** 20;

/** Servers that stand in for cameras, and promise more than a machine has. */
describe('a camera that promises too much', () => {
  const closers: (() => unknown)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
  });

  async function address(server: Server, scheme: string): Promise<string> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
    });
    return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/camera`;
  }

  /** The reason why a stream of this source is offline, and the most memory that one of its processes took. */
  async function refusal(source: string, settings = {}): Promise<{ reason: string; mebibytes: number }> {
    const config = parseConfig(
      JSON.stringify({ multistream: { linger: 0, ...settings }, streams: { one: { source } } }),
      'test.yaml',
    );
    const lineup = new Lineup(config, pino({ enabled: false }));
    const others = await childrenOf(process.pid);
    let bytes = 0;
    const weighing = setInterval(async () => {
      for (const pid of (await childrenOf(process.pid)).filter((child) => !others.includes(child))) {
        const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
        bytes = Math.max(bytes, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024);
      }
    }, 50);
    closers.push(() => lineup.close());
    const offline = Promise.withResolvers<string>();
    const reading = (lineup.streams.get('one') as Stream).read({
      unit: () => {},
      changed: () => reading.state === 'offline' && offline.resolve(reading.reason),
    });
    try {
      const reason = await offline.promise;
      reading.close();
      return { reason, mebibytes: Math.round(bytes / mebibyte) };
    } finally {
      clearInterval(weighing);
    }
  }

  /** Sends as fast as it is read, for as long as it is. */
  function pour(target: Socket | ServerResponse, piece: Buffer): void {
    const more = () => {
      while (!target.destroyed && target.write(piece)) {
        // On until the other side is full.
      }
    };
    target.on('drain', more);
    more();
  }

  it('of a description of two gigabytes takes no more than camera_max_bytes', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.write('RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE, SETUP, PLAY\r\n\r\n');
        socket.once('data', () => {
          socket.write(
            'RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: 2000000000\r\n\r\n',
          );
          pour(socket, Buffer.alloc(mebibyte, 'a=x\r\n'));
        });
      });
    });
    const { reason, mebibytes } = await refusal(await address(server, 'rtsp'), { camera_max_bytes: 256 * mebibyte });
    assert.match(reason, /took more than 256 MiB/);
    assert.ok(mebibytes < 1024, `${mebibytes} MiB`);
  });

  it('of a playlist without an end takes no more than camera_max_bytes', async () => {
    const server = createHttpServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/vnd.apple.mpegurl' });
      response.write('#EXTM3U\n#EXT-X-TARGETDURATION:2\n');
      pour(response, Buffer.from('#EXTINF:2,\nsegment.ts\n'.repeat(40_000)));
    });
    const url = (await address(server, 'http')).replace('camera', 'live.m3u8');
    const { reason, mebibytes } = await refusal(url, { camera_max_bytes: 256 * mebibyte });
    assert.match(reason, /took more than 256 MiB|does not open/);
    assert.ok(mebibytes < 1024, `${mebibytes} MiB`);
  });

  it('of a picture of 40 MB is offline, and the reason names the setting', async () => {
    const server = createHttpServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'multipart/x-mixed-replace; boundary=picture' });
      const jpeg = Buffer.alloc(40_000_000, 0xff);
      jpeg.writeUInt16BE(0xffd8);
      const part = Buffer.from(`--picture\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
      pour(response, Buffer.concat([part, jpeg, Buffer.from('\r\n')]));
    });
    const { reason, mebibytes } = await refusal(await address(server, 'http'));
    assert.match(reason, /a picture of \d+\.\d MiB; multistream\.picture_max_bytes allows 8\.0/);
    assert.ok(mebibytes < 1024, `${mebibytes} MiB`);
  });

  it('of a picture that never ends is offline with the same reason', async () => {
    const startCode = Buffer.from([0, 0, 0, 1]);
    const slice = Buffer.alloc(300_000, 0x55);
    slice[0] = 0x41;
    slice[1] = 0x9a;
    // Later slices of the same picture: their first macroblock is not 0.
    const later = Buffer.from(slice);
    later[1] = 0x1a;
    const sps = Buffer.from('6742c01eda0280bfe5c04400000300040000030064', 'hex');
    const pps = Buffer.from('68ce3c80', 'hex');
    const idr = Buffer.from(slice);
    idr[0] = 0x65;
    idr[1] = 0x88;
    const camera = await startScriptedCamera({
      pictures: [
        Buffer.concat([startCode, sps, startCode, pps, startCode, idr]),
        ...Array.from({ length: 200 }, () => Buffer.concat([startCode, later])),
      ],
      timestamp: () => 1000,
    });
    closers.push(() => camera.close());
    const { reason } = await refusal(camera.url, { picture_max_bytes: mebibyte });
    assert.match(reason, /a picture of 1\.\d MiB; multistream\.picture_max_bytes allows 1\.0/);
  });
});
