import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { aggregate } from '../media/packets.ts';
import { HeadlessViewer } from '../support/headless-viewer.ts';
import { startObserved } from '../support/holdings.ts';
import {
  type OddCamera,
  type OddCameraOptions,
  packetsOf,
  plainSdp,
  rtp,
  startOddCamera,
} from '../support/odd-camera.ts';
import type { RunningDevice } from '../support/processes.ts';
import { whileBystanderWatches } from './bystander.ts';

const seconds = 2;
const everyMs = 20;

/** As TCP carries them to the client (RFC 2326 section 10.12). */
function interleaved(packets: readonly Buffer[], channel = 0): Buffer {
  return Buffer.concat(
    packets.flatMap((packet) => {
      const head = Buffer.from([0x24, channel, 0, 0]);
      head.writeUInt16BE(packet.length, 2);
      return [head, packet];
    }),
  );
}

/** A camera that plays the packets again and again, in rising sequence numbers, so that this many bytes a second come. */
function floods(bytesPerSecond: number, packets: readonly Buffer[]): OddCameraOptions {
  const round = interleaved(packets);
  const times = Math.max(1, Math.round((bytesPerSecond * everyMs) / 1000 / round.length));
  return {
    played: (peer) => {
      peer.write(interleaved(packetsOf(2)));
      let sequence = 4;
      let left = (seconds * 1000) / everyMs;
      const flooding = setInterval(() => {
        const chunk = Buffer.concat(Array.from({ length: times }, () => round));
        for (let at = 0; at < chunk.length; at += 4 + chunk.readUInt16BE(at + 2)) {
          chunk.writeUInt16BE(sequence++ % 2 ** 16, at + 6);
        }
        peer.write(chunk);
        if (--left === 0) {
          clearInterval(flooding);
        }
      }, everyMs);
    },
  };
}

/** A camera that plays a picture, and then sends the same bytes again and again. */
function repeats(bytesPerSecond: number, bytes: Buffer): OddCameraOptions {
  const chunk = Buffer.concat(
    Array.from({ length: Math.ceil((bytesPerSecond * everyMs) / 1000 / bytes.length) }, () => bytes),
  );
  return {
    played: (peer) => {
      peer.write(interleaved(packetsOf(2)));
      let left = (seconds * 1000) / everyMs;
      const repeating = setInterval(() => {
        peer.write(chunk);
        if (--left === 0) {
          clearInterval(repeating);
        }
      }, everyMs);
    },
  };
}

/** Reports of every type (RFC 3550 section 12.1) as often as they fit into a packet, with every length that may be wrong. */
const reports = [200, 201, 202, 203, 204, 207, 255].flatMap((type) =>
  [0, 1, 6, 100, 0xffff].map((length) => {
    const report = Buffer.alloc(Math.min(28, 4 + 4 * length), 1);
    report.writeUInt8(0x81, 0);
    report.writeUInt8(type, 1);
    report.writeUInt16BE(length, 2);
    return Buffer.concat(Array.from({ length: 40 }, () => report));
  }),
);

const many = (count: number, make: (index: number) => Buffer) =>
  Array.from({ length: count }, (_, index) => make(index));
/** Sequence parameter sets of two sizes, picture parameters and the slice of a key frame. */
const sizes = ['6742c01eda0280bfe5c04400000300040000030064', '6742c01eda02c049b041000003000100000300328f162ea0'].map(
  (set) => Buffer.from(set, 'hex'),
);
const pps = Buffer.from('68ce3c80', 'hex');
const idr = Buffer.from('6588070707', 'hex');
const filling = (size: number, ...lead: number[]) => Buffer.concat([Buffer.from(lead), Buffer.alloc(size, 7)]);
/** Attacks that need no more than a camera's own connection, by their names. */
const attacks: Record<string, OddCameraOptions> = {
  'with more bytes than a camera has': floods(
    40_000_000,
    many(400, (n) => rtp(n, 3600, filling(1400, 0x41))),
  ),
  'with 20 MB a second, which is still allowed': floods(
    20_000_000,
    many(280, (n) => rtp(n, 3600, filling(1400, 0x41))),
  ),
  'with packets of a byte': floods(
    8_000_000,
    many(2000, (n) => rtp(n, 3600, Buffer.from([0x41]))),
  ),
  'with fragments that never end': floods(
    20_000_000,
    many(280, (n) => rtp(n, 7200, filling(1400, 0x7c, n === 0 ? 0x85 : 0x05))),
  ),
  'with aggregates of units without content': floods(
    10_000_000,
    many(100, (n) => rtp(n, 3600, aggregate(Array.from({ length: 400 }, () => Buffer.from([0x41]))))),
  ),
  'with a picture in each packet': floods(
    4_000_000,
    many(1000, (n) => rtp(n, n * 90, filling(8, 0x41, 0x9a), true)),
  ),
  'with key frames of another size each, and nothing else': floods(
    26_500,
    many(10, (n) => rtp(n, n * 90, aggregate([sizes[n % 2] as Buffer, pps, idr]), true)),
  ),
  'with reports of every type, whole and broken': repeats(15_000_000, interleaved(reports, 1)),
  'with what may begin a packet or a message, and is none': repeats(
    15_000_000,
    Buffer.from(
      `x\n${'$'.repeat(20_000)}\n${'RTSP/'.repeat(4000)}\n${'\n'.repeat(20_000)}${interleaved(packetsOf(1)).toString('latin1')}`,
      'latin1',
    ),
  ),
  'with a description of a megabyte': { sdp: `${plainSdp}${'a=x:1\r\n'.repeat(140_000)}` },
  'with a description of ten thousand tracks': { sdp: plainSdp + 'm=video 0 RTP/AVP 96\r\n'.repeat(10_000) },
  'with a description of which a line is half a megabyte of spaces': {
    // A line separator is no end of a line here, but stops `.` in an expression.
    sdp: `${plainSdp}a=x:96${' '.repeat(500_000)}x\u2028y\r\n`,
  },
  'by redirecting to itself': {
    answer: ({ method, uri }) => (method === 'DESCRIBE' ? { status: 302, headers: { Location: uri } } : undefined),
  },
  'by asking for a password again and again': {
    answer: () => ({ status: 401, headers: { 'WWW-Authenticate': 'Digest realm="x", nonce="y", stale=true' } }),
  },
  'with an answer that comes a byte at a time': {
    answer: (_, __, peer) => {
      let left = (seconds * 1000) / everyMs;
      const dripping = setInterval(() => {
        peer.write('x');
        if (--left === 0) {
          clearInterval(dripping);
        }
      }, everyMs);
      return 'RTSP/1.0 200 OK\r\nX: ';
    },
  },
};

const smallest = Buffer.from('ffd8ffdb0004000000ffda00040000ffd9', 'hex');
/** HTTP cameras pour these bytes out as fast as they are read, by name. */
const pours: Record<string, { head: string; chunk: Buffer }> = {
  'with pictures of a few bytes over HTTP': {
    head: 'Content-Type: multipart/x-mixed-replace; boundary=b',
    chunk: Buffer.concat(Array.from({ length: 4000 }, () => smallest)),
  },
  'with bytes that hold no picture over HTTP': {
    head: 'Content-Type: multipart/x-mixed-replace; boundary=b',
    chunk: Buffer.alloc(64 * 1024, 7),
  },
  'with a header without an end over HTTP': {
    head: 'Content-Type: image/jpeg\r\nX:',
    chunk: Buffer.alloc(64 * 1024, 0x41),
  },
};

/** @returns where it listens, how often it was asked, and what ends it */
async function startPouring({ head, chunk }: { head: string; chunk: Buffer }) {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', () => {
      asked++;
      socket.write(`HTTP/1.1 200 OK\r\n${head}${head.endsWith(':') ? '' : '\r\n\r\n'}`);
      const pour = () => {
        for (let left = 16; left > 0 && !socket.destroyed && socket.write(chunk); left--);
        // Not in one turn, so that this process can do something else.
        setTimeout(pour, socket.destroyed ? 1e6 : 1).unref();
      };
      pour();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked: () => asked,
    close: () => {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}

describe('a hostile camera', { timeout: 240_000 }, () => {
  const cameras: OddCamera[] = [];
  const pouring: Awaited<ReturnType<typeof startPouring>>[] = [];
  let device: RunningDevice;
  let bystander: HeadlessViewer;

  before(async () => {
    for (const options of Object.values(attacks)) {
      cameras.push(await startOddCamera(options));
    }
    for (const pour of Object.values(pours)) {
      pouring.push(await startPouring(pour));
    }
    const overHttp = pouring.map(({ url }, index) => `  pouring${index}: ffmpeg:${url}#video=h264\n`).join('');
    const hostile = cameras.map((camera, index) => `  hostile${index}: ${camera.url()}\n`).join('');
    device = await startObserved(
      `api: { listen: "127.0.0.1:0" }\nwebrtc: { listen: "127.0.0.1:0" }\nstreams:\n${hostile}${overHttp}` +
        '  own: ffmpeg:virtual?video=testsrc2&size=360#video=h264\n',
    );
    bystander = await HeadlessViewer.open(device.url, ['own']);
    await bystander.receives(0, 100);
  });

  after(async () => {
    await bystander?.close();
    await device?.stop();
    await Promise.all(cameras.map((camera) => camera.close()));
    for (const camera of pouring) {
      camera.close();
    }
  });

  const hostile = [
    ...Object.keys(attacks).map((name, index) => ({
      ...{ name, stream: `hostile${index}` },
      asked: () => (cameras[index] as OddCamera).methods.length,
    })),
    ...Object.keys(pours).map((name, index) => ({
      ...{ name, stream: `pouring${index}` },
      asked: () => pouring[index]?.asked() ?? 0,
    })),
  ];
  for (const { name, stream, asked } of hostile) {
    it(`disturbs no other ${name}`, async () => {
      await whileBystanderWatches(device, bystander, async () => {
        const viewer = await HeadlessViewer.open(device.url, [stream]);
        try {
          await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
          assert.ok(asked() > 0, 'the device has asked it');
        } finally {
          await viewer.close();
        }
      });
      assert.doesNotMatch(device.stderr(), /"level":[56]0|could not be handled/);
    });
  }
});
