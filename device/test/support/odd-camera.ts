/**
 * An RTSP server for what cameras do wrong (RFC 2326): it answers like a good camera, and a test changes any of its answers,
 * sends any bytes, and sees all that the client asked and sent.
 */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { certificate, certificateKey } from './certificate.ts';

export interface Asked {
  method: string;
  uri: string;
  /** In lower case. */
  headers: Record<string, string>;
  /** Which connection it came over, from 1 on. */
  connection: number;
}

export interface Answer {
  status?: number;
  /** Beside CSeq and what else is usual; `undefined` takes one away. */
  headers?: Record<string, string | readonly string[] | undefined>;
  body?: string;
}

export interface OddCameraOptions {
  /** The description; by default one video track of H.264. */
  sdp?: string;
  tls?: boolean;
  /** On which host it listens. */
  host?: string;
  /** The usual answer, changed; a text goes out as it is, and null says nothing. */
  answer?(asked: Asked, usual: Required<Answer>, peer: Peer): Answer | string | null | undefined;
  /** The client may have its pictures. */
  played?(peer: Peer, asked: Asked): void;
}

/** A client's connection. */
export interface Peer {
  write(data: Buffer | string): void;
  /** Interleaved. */
  send(channel: number, ...packets: Buffer[]): void;
  hangUp(): void;
}

export interface OddCamera {
  readonly port: number;
  url(credentials?: string, path?: string): string;
  readonly asked: Asked[];
  readonly methods: string[];
  /** A frame that the client sent on a channel. */
  readonly received: { channel: number; data: Buffer }[];
  /** Answers of the client to requests of the camera. */
  readonly answered: string[];
  readonly open: number;
  close(): Promise<void>;
}

export const plainSdp = [
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=control:video',
  '',
].join('\r\n');

export async function startOddCamera(options: OddCameraOptions = {}): Promise<OddCamera> {
  const { tls = false, host = '127.0.0.1' } = options;
  const sockets = new Set<Socket>();
  const asked: Asked[] = [];
  const received: OddCamera['received'] = [];
  const answered: string[] = [];
  let connections = 0;
  const serve = (socket: Socket) => {
    const connection = ++connections;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let held = Buffer.alloc(0);
    socket.on('data', (data) => {
      held = Buffer.concat([held, data]);
      for (let end = endOfNext(held); end > 0; end = endOfNext(held)) {
        const one = held.subarray(0, end);
        held = held.subarray(end);
        if (one[0] === 0x24) {
          received.push({ channel: one.readUInt8(1), data: one.subarray(4) });
        } else if (one.toString().startsWith('RTSP')) {
          answered.push(one.toString());
        } else {
          takeRequest(one.toString(), socket, connection);
        }
      }
    });
  };
  const takeRequest = (request: string, socket: Socket, connection: number) => {
    const [start = '', ...lines] = request.split('\r\n');
    const [method = '', uri = ''] = start.split(' ');
    const headers = Object.fromEntries(
      lines.map((line) => line.split(/: (.*)/s)).map(([name, value]) => [name?.toLowerCase(), value]),
    );
    const one: Asked = { method, uri, headers, connection };
    asked.push(one);
    const peer: Peer = {
      write: (data) => socket.write(data),
      send: (channel, ...packets) => {
        for (const packet of packets) {
          const head = Buffer.from([0x24, channel, 0, 0]);
          head.writeUInt16BE(packet.length, 2);
          socket.write(Buffer.concat([head, packet]));
        }
      },
      hangUp: () => socket.destroy(),
    };
    const usual = usualAnswer(one, options.sdp ?? plainSdp);
    const answer = options.answer?.(one, usual, peer);
    if (answer === null) {
      return;
    }
    const text =
      typeof answer === 'string'
        ? answer
        : toText({ ...usual, ...answer, headers: { ...usual.headers, ...answer?.headers } });
    socket.write(text);
    if (method === 'PLAY' && /^RTSP\/1\.0 200/.test(text)) {
      options.played?.(peer, one);
    }
  };
  const server = tls ? createTlsServer({ cert: certificate, key: certificateKey }, serve) : createServer(serve);
  server.on('connection', (socket: Socket) => socket.on('error', () => {}));
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: (credentials = '', path = '/camera') =>
      `${tls ? 'rtsps' : 'rtsp'}://${credentials}${host.includes(':') ? `[${host}]` : host}:${port}${path}`,
    asked,
    get methods() {
      return asked.map(({ method }) => method);
    },
    received,
    answered,
    get open() {
      return sockets.size;
    },
    close: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

/** Where the next message or packet ends; 0 while it is not complete. */
function endOfNext(held: Buffer): number {
  if (held[0] === 0x24) {
    const end = held.length < 4 ? Number.POSITIVE_INFINITY : 4 + held.readUInt16BE(2);
    return end <= held.length ? end : 0;
  }
  const end = held.indexOf('\r\n\r\n');
  return end === -1 ? 0 : end + 4;
}

function usualAnswer({ method, uri, headers }: Asked, sdp: string): Required<Answer> {
  const common = { CSeq: headers.cseq };
  const session = { ...common, Session: '12345678;timeout=60' };
  switch (method) {
    case 'OPTIONS':
      return {
        status: 200,
        headers: { ...common, Public: 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER' },
        body: '',
      };
    case 'DESCRIBE':
      return {
        status: 200,
        headers: {
          ...common,
          'Content-Base': `${uri}/`,
          'Content-Type': 'application/sdp',
          'Content-Length': String(Buffer.byteLength(sdp)),
        },
        body: sdp,
      };
    case 'SETUP':
      return { status: 200, headers: { ...session, Transport: headers.transport }, body: '' };
    default:
      return { status: 200, headers: session, body: '' };
  }
}

export function toText({ status, headers, body }: Required<Answer>, lineEnd = '\r\n'): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => `${name}: ${one}${lineEnd}`),
  );
  return `RTSP/1.0 ${status} ${status === 200 ? 'OK' : 'No'}${lineEnd}${lines.join('')}${lineEnd}${body}`;
}

/** An RTP packet (RFC 3550 section 5.1). */
export function rtp(sequence: number, timestamp: number, payload: Buffer, marker = false, type = 96): Buffer {
  const head = Buffer.from([0x80, type | (marker ? 0x80 : 0), 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
  head.writeUInt16BE(sequence % 2 ** 16, 2);
  head.writeUInt32BE(timestamp % 2 ** 32, 4);
  return Buffer.concat([head, payload]);
}

/** A sender report: what the camera's clock says at an RTP timestamp (RFC 3550 section 6.4.1). */
export function senderReport(wallClock: number, timestamp: number): Buffer {
  const report = Buffer.alloc(28);
  report.writeUInt8(0x80, 0);
  report.writeUInt8(200, 1);
  report.writeUInt16BE(6, 2);
  report.writeUInt32BE(7, 4);
  report.writeUInt32BE(Math.floor(wallClock / 1000) + 2_208_988_800, 8);
  report.writeUInt32BE(Math.floor(((wallClock % 1000) / 1000) * 2 ** 32), 12);
  report.writeUInt32BE(timestamp, 16);
  return report;
}

/** Parameter sets of 640x360 pixels, and a key frame's slice. */
const sps = Buffer.from('6742c01eda0280bfe5c04400000300040000030064', 'hex');
const pps = Buffer.from([0x68, 0xce, 0x3c, 0x80]);
const idr = Buffer.from([0x65, 0x88, 7, 7, 7]);
const next = Buffer.from([0x41, 0x9a, 7, 7, 7]);

/** Packets of a key picture and of `count - 1` pictures behind it, from a sequence number on. */
export function packetsOf(count: number, first = 0, timestamp = 0): Buffer[] {
  const key = [sps, pps, idr].map((unit, index) => rtp(first + index, timestamp, unit, index === 2));
  const rest = Array.from({ length: count - 1 }, (_, index) =>
    rtp(first + 3 + index, timestamp + 3600 * (index + 1), next, true),
  );
  return [...key, ...rest];
}

/** The key picture of `packetsOf`, in Annex B. */
export const keyPicture = Buffer.concat([sps, pps, idr].flatMap((unit) => [Buffer.from([0, 0, 0, 1]), unit]));
