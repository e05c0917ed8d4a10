/** A thread that attacks a device over HTTP or TCP until it is terminated: a client without credentials, on many connections. */

import { randomBytes, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { workerData } from 'node:worker_threads';
import { offer } from '../support/offer.ts';

const { kind, port, webrtcPort } = workerData as { kind: Kind; port: number; webrtcPort: number };

export type Kind = keyof typeof kinds;

/** By what such a client does. */
const kinds = {
  'asks again before it was answered': () =>
    flood(50, port, () => Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2400))),
  'asks as fast as it is answered': () =>
    dial(100, port, (socket) => {
      const ask = () => socket.write('GET /api/streams HTTP/1.1\r\nHost: localhost\r\n\r\n');
      socket.on('data', ask);
      ask();
    }),
  'drips its requests on hundreds of connections': () =>
    dial(300, port, (socket) => {
      const headers = 'HTTP/1.1\r\nHost: 127.0.0.1\r\nX: y\r\n';
      const bodies = ['POST', 'PATCH', 'DELETE'].map(
        (method) => `${method} /api/webrtc?id=x&src=two ${headers}Content-Length: 60000\r\n\r\n`,
      );
      const begun = [`GET / ${headers}`, ...bodies][(socket.localPort ?? 0) % 4] ?? '';
      socket.write(begun);
      const dripping = setInterval(() => socket.write('X: y\r\n'), 1000);
      socket.once('close', () => clearInterval(dripping));
    }),
  'begins a session over HTTP and ends it, again and again': () => repeat(20, beginAndEnd),
  'adds candidates to sessions over HTTP and ends those of others': async () => {
    const own = await begin();
    const candidates = Array.from({ length: 600 }, (_, at) => `a=candidate:${at} 1 udp ${at + 1} 192.0.2.1 9 typ host`);
    const headers = { 'Content-Type': 'application/trickle-ice-sdpfrag' };
    repeat(40, async () => {
      const other = new URL(`webrtc?id=${randomUUID()}`, own);
      for (const session of [own, other]) {
        await (await fetch(session, { method: 'PATCH', headers, body: candidates.join('\r\n') })).text();
      }
      await (await fetch(other, { method: 'DELETE' })).text();
    });
  },
  'plays over WebSockets and reads nothing, but answers pings': () =>
    dial(10, port, (socket) => {
      play(socket);
      socket.on('data', () => {
        if (socket.bytesRead > 100_000) {
          socket.pause().removeAllListeners('data');
          let guess = 0;
          const answering = setInterval(() => socket.write(frame(10, Buffer.from([0, 0, 0, ++guess]))), 25);
          socket.once('close', () => clearInterval(answering));
        }
      });
    }),
  'connects and leaves, as fast as it can': () => {
    for (const to of [port, webrtcPort]) {
      dial(50, to, (socket) => socket.destroy());
    }
  },
  'shakes hands again and again': () => {
    const again = (): void => {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => socket.destroy());
      socket.on('error', () => {}).on('close', () => setTimeout(again, 1));
    };
    for (let begun = 0; begun < 100; begun++) {
      again();
    }
  },
  'sends as much as a WebSocket may on one after the other': () =>
    dial(90, port, (socket) => {
      socket.write(upgrade);
      const long = frame(1, `{"type":"multistream/offer","sdp":${JSON.stringify('a=x\r\n'.repeat(9000))}}`);
      socket.once('data', () => socket.end(Buffer.concat(Array.from({ length: 99 }, () => long))));
    }),
  'floods WebSockets with messages, pings and bytes': () =>
    dial(20, port, (socket) => {
      socket.write(upgrade);
      const frames = [
        frame(1, '{"type":"multistream/keyframe","slot":0}'),
        frame(2, randomBytes(60_000)),
        frame(9, 'x'),
      ];
      socket.once('data', () => pour(socket, () => Buffer.concat(frames)));
    }),
  'floods the TCP way with frames of no bytes': () => flood(32, webrtcPort, () => Buffer.alloc(64 * 1024)),
  'floods the TCP way with bytes that mean nothing': () => flood(32, webrtcPort, () => randomBytes(64 * 1024)),
  'leaves the TCP way with half a frame': () => dial(200, webrtcPort, (socket) => socket.write(Buffer.from([5, 0, 1]))),
};

const upgrade =
  'GET /api/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

void kinds[kind]();

/** Keeps this many connections open: a new one for each that is closed. */
function dial(count: number, to: number, connected: (socket: Socket) => void): void {
  const open = () => {
    const socket = connect(to, '127.0.0.1', () => connected(socket));
    socket.on('error', () => {}).on('close', () => setTimeout(open, 20));
    socket.resume();
  };
  for (let opened = 0; opened < count; opened++) {
    open();
  }
}

function flood(count: number, to: number, chunk: () => Buffer): void {
  dial(count, to, (socket) => pour(socket, chunk));
}

/** As much as the other side takes. */
function pour(socket: Socket, chunk: () => Buffer): void {
  const write = () => {
    while (!socket.destroyed && socket.write(chunk()));
  };
  socket.on('drain', write);
  write();
}

function repeat(count: number, act: () => Promise<void>): void {
  const again = (): void =>
    void act()
      .catch(() => {})
      .then(again);
  for (let begun = 0; begun < count; begun++) {
    again();
  }
}

/** @returns the session's address */
async function begin(): Promise<URL> {
  const headers = { 'Content-Type': 'application/sdp' };
  const answer = await fetch(`http://127.0.0.1:${port}/api/webrtc?src=two`, { method: 'POST', headers, body: offer });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(text);
  }
  return new URL(answer.headers.get('Location') ?? '', answer.url);
}

async function beginAndEnd(): Promise<void> {
  await fetch(await begin(), { method: 'DELETE' });
}

/** Begins a session of nine slots whose pictures come over the WebSocket. */
function play(socket: Socket): void {
  const slots = Array.from({ length: 9 }, (_, slot) => ({ slot, stream: 'two' }));
  const init = { type: 'multistream/init', transport: 'socket', accept: ['avc1.640033'], slots };
  socket.write(upgrade);
  socket.write(frame(1, JSON.stringify(init)));
}

/** Masked with zeros, as a client's frames are (RFC 6455 section 5.2). */
function frame(opcode: number, content: string | Buffer): Buffer {
  const payload = Buffer.from(content);
  const size = Buffer.alloc(payload.length < 126 ? 1 : 3);
  if (size.length === 1) {
    size.writeUInt8(0x80 | payload.length);
  } else {
    size.writeUInt8(0x80 | 126);
    size.writeUInt16BE(payload.length, 1);
  }
  return Buffer.concat([Buffer.from([0x80 | opcode]), size, Buffer.alloc(4), payload]);
}
