/** An RTSP camera whose every word and packet the test has in hand (RFC 2326, RFC 6184), for what no real server does. */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { nalUnitsOf } from './nal-units.ts';

export interface ScriptedCameraOptions {
  /** H.264 pictures in Annex B, sent in turn, again and again; none: it sends nothing but its reports. */
  pictures: readonly Buffer[];
  /** Pictures a second. */
  rate?: number;
  /** Milliseconds from the end of its start to its first picture; by default the time between two. */
  startsAfter?: number;
  /** How many pictures it sends before it goes on with nothing but reports; by default it never does. */
  mutesAfter?: number;
  /** The RTP timestamp of a picture by its number; by default they are evenly apart, from 0 on. */
  timestamp?: (picture: number) => number;
  /** Whether the last packet of a picture says that it is. */
  marker?: boolean;
  /** Lines of the SDP beside those that it needs. */
  sdp?: string;
  /** Asked before each answer: another one, as text, or null to go on as usual. */
  answer?: (request: RtspRequest) => string | null;
}

export interface RtspRequest {
  method: string;
  address: string;
  cseq: string;
}

export interface ScriptedCamera {
  port: number;
  url: string;
  /** The methods that were asked for, in order. */
  readonly asked: readonly string[];
  /** Pictures that were sent, to all clients together. */
  readonly sent: number;
  /** Hangs up on everyone, and goes on listening. */
  hangUp(): void;
  close(): void;
}

/** Bytes of a NAL unit in a packet at the most. */
const mtu = 1400;
const clock = 90_000;

export async function startScriptedCamera(options: ScriptedCameraOptions): Promise<ScriptedCamera> {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  const totals = { sent: 0 };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    // A device that goes away mid-packet is no fault of the camera's.
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    serve(socket, options, asked, totals);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const hangUp = () => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  return {
    port,
    url: `rtsp://127.0.0.1:${port}/camera`,
    asked,
    get sent() {
      return totals.sent;
    },
    hangUp,
    close: () => {
      server.close();
      hangUp();
    },
  };
}

/** One client: its requests in turn, and pictures from PLAY on. */
function serve(socket: Socket, options: ScriptedCameraOptions, asked: string[], totals: { sent: number }): void {
  let heard = '';
  let playing: NodeJS.Timeout | undefined;
  socket.on('close', () => clearInterval(playing));
  socket.on('data', (data) => {
    heard += data.toString('latin1');
    for (let end = heard.indexOf('\r\n\r\n'); end !== -1; end = heard.indexOf('\r\n\r\n')) {
      const request = parseRequest(heard.slice(0, end));
      heard = heard.slice(end + 4);
      // The client's own packets, of RTCP, stand between its requests; they have no such line.
      if (request !== null) {
        asked.push(request.method);
        socket.write(options.answer?.(request) ?? usualAnswer(request, options.sdp ?? ''));
        if (request.method === 'PLAY') {
          playing = play(socket, options, totals);
        }
      }
    }
  });
}

function parseRequest(text: string): RtspRequest | null {
  const [, method, address] = /([A-Z_]+) (\S+) RTSP\/1\.0/.exec(text) ?? [];
  const cseq = /^CSeq: *(\d+)/im.exec(text)?.[1];
  return method === undefined || address === undefined || cseq === undefined ? null : { method, address, cseq };
}

function usualAnswer({ method, address, cseq }: RtspRequest, more: string): string {
  const head = (lines = '') => `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\nSession: 1;timeout=60\r\n${lines}`;
  switch (method) {
    case 'OPTIONS':
      return `${head('Public: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n')}\r\n`;
    case 'DESCRIBE': {
      const sdp = `v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/${clock}\r\n${more}a=control:video\r\n`;
      return `${head(`Content-Base: ${address}/\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n`)}\r\n${sdp}`;
    }
    case 'SETUP':
      return `${head('Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n')}\r\n`;
    default:
      return `${head()}\r\n`;
  }
}

function play(socket: Socket, options: ScriptedCameraOptions, totals: { sent: number }): NodeJS.Timeout {
  const { pictures, rate = 25, startsAfter = 0, marker = true, mutesAfter = Number.POSITIVE_INFINITY } = options;
  const { timestamp = (picture: number) => (picture * clock) / rate } = options;
  let sequence = 0;
  let count = 0;
  const startsAt = performance.now() + startsAfter;
  const send = () => {
    if (performance.now() < startsAt) {
      return;
    }
    if (pictures.length === 0 || count >= mutesAfter) {
      socket.write(toReport(count++));
      return;
    }
    const payloads = nalUnitsOf(pictures[count % pictures.length] as Buffer).flatMap(toPayloads);
    for (const [index, payload] of payloads.entries()) {
      const isLast = marker && index === payloads.length - 1;
      socket.write(toPacket(payload, { sequence: sequence++, timestamp: timestamp(count), isLast }));
    }
    count++;
    totals.sent++;
  };
  // Real cameras begin with a picture that they have.
  rate < 1 && send();
  return setInterval(send, 1000 / rate);
}

/** A unit as it is, or in fragments (RFC 6184 section 5.8). */
function toPayloads(unit: Buffer): Buffer[] {
  if (unit.length <= mtu) {
    return [unit];
  }
  const header = unit[0] ?? 0;
  const payloads: Buffer[] = [];
  for (let at = 1; at < unit.length; at += mtu) {
    const flags = (at === 1 ? 0x80 : 0) | (at + mtu >= unit.length ? 0x40 : 0);
    const fragment = Buffer.from([(header & 0xe0) | 28, flags | (header & 0x1f)]);
    payloads.push(Buffer.concat([fragment, unit.subarray(at, at + mtu)]));
  }
  return payloads;
}

/** Interleaved in the RTSP connection (RFC 2326 section 10.12). */
function toPacket(payload: Buffer, rtp: { sequence: number; timestamp: number; isLast: boolean }): Buffer {
  const head = Buffer.alloc(16);
  head.write('$');
  head.writeUInt16BE(12 + payload.length, 2);
  head[4] = 0x80;
  head[5] = 96 | (rtp.isLast ? 0x80 : 0);
  head.writeUInt16BE(rtp.sequence & 0xffff, 6);
  head.writeUInt32BE(rtp.timestamp % 2 ** 32, 8);
  head.writeUInt32BE(0x1234_5678, 12);
  return Buffer.concat([head, payload]);
}

/** A sender report (RFC 3550 section 6.4.1) of one that has sent nothing, on the channel beside its pictures'. */
function toReport(second: number): Buffer {
  const report = Buffer.alloc(32);
  report.write('$');
  report[1] = 1;
  report.writeUInt16BE(28, 2);
  report[4] = 0x80;
  report[5] = 200;
  report.writeUInt16BE(6, 6);
  report.writeUInt32BE(0x1234_5678, 8);
  report.writeUInt32BE(second, 12);
  return report;
}
