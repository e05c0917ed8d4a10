/** One TCP connection of a viewer, and its way to the device's UDP port. */

import { randomBytes } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { isIPv6, type Socket } from 'node:net';
import { type Credentials, transactionOfAnswer, withMappedAddress, writeCheck } from './stun.ts';
import { writeFrame } from './tcp-frames.ts';

/** Between two probes, in milliseconds. */
const probeInterval = 50;
/** How much longer than at best a probe may take before pictures are dropped, in milliseconds. */
const patience = 300;
/** Bytes that wait in this process, the kernel's buffer being full. */
const longQueue = 512 * 1024;
/** Beyond this a packet is dropped, whatever it is. */
const fullQueue = 4 * 1024 * 1024;
/** Packets that wait for the socket to the device. */
const mostEarly = 16;
/** How long a viewer may be silent, in milliseconds: it checks a path that it uses every few seconds. */
const longestSilence = 30_000;

export interface Target {
  host: string;
  port: number;
}

export interface Guest {
  ours: Credentials;
  theirs: Credentials;
}

interface Probe {
  transaction: string;
  at: number;
}

/**
 * TCP loses nothing and delays everything, and what the kernel holds for it, up to some megabytes, cannot be asked for here.
 * So the way measures its delay: with the media it sends checks of ICE, which every viewer has to answer. While the oldest
 * of them is not answered in time, the connection is congested.
 */
export class TcpWay {
  readonly #socket: Socket;
  readonly #udp: UdpSocket;
  #isConnected = false;
  /** Holds the packets that come before the socket to the device is open. */
  readonly #early: Buffer[] = [];
  readonly #guest: Guest;
  readonly #closed: () => void;
  readonly #seen: { address: string; port: number };
  readonly #silence: NodeJS.Timeout;
  /** Frames of this turn of the event loop, which go in one piece. */
  #frames: Buffer[] = [];
  /** Without an answer, in order. */
  #probes: Probe[] = [];
  #probedAt = Number.NEGATIVE_INFINITY;
  #hasUnprobed = false;
  /** The quickest answer to a probe, in milliseconds; null before there was one. */
  #roundTrip: number | null = null;
  #isCongested = false;
  #isClosed = false;
  heardAt = performance.now();

  constructor(socket: Socket, target: Target, guest: Guest, closed: () => void) {
    this.#socket = socket;
    this.#guest = guest;
    this.#closed = closed;
    this.#seen = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    this.#udp = createSocket(isIPv6(target.host) ? 'udp6' : 'udp4');
    this.#udp.on('message', (packet) => this.#toViewer(packet));
    // So that it takes packets of the device alone.
    this.#udp.connect(target.port, target.host, () => {
      for (const packet of this.#early.splice(0)) {
        this.#udp.send(packet);
      }
      this.#isConnected = true;
    });
    // A packet that does not arrive is one lost packet more.
    this.#udp.on('error', () => {});
    this.#silence = setTimeout(() => this.close(), longestSilence);
    socket.once('close', () => this.close());
  }

  /** The port by which the device knows this way; null before it has one. */
  get port(): number | null {
    return this.#isConnected && !this.#isClosed ? this.#udp.address().port : null;
  }

  /** Whether pictures come too late: true until everything that was sent has arrived. */
  isCongested(): boolean {
    const [oldest] = this.#probes;
    const isLate =
      oldest !== undefined &&
      this.#roundTrip !== null &&
      performance.now() - oldest.at > Math.min(this.#roundTrip, patience) + patience;
    const isSlow = isLate || this.#socket.writableLength > longQueue;
    this.#isCongested = isSlow || (this.#isCongested && (oldest !== undefined || this.#socket.writableLength > 0));
    if (this.#isCongested && this.#hasUnprobed) {
      // The last packets have to arrive as well before more may follow.
      this.#probe();
    }
    return this.#isCongested;
  }

  /** Takes a packet of the viewer. */
  toDevice(packet: Buffer): void {
    this.heardAt = performance.now();
    this.#silence.refresh();
    const transaction = transactionOfAnswer(packet);
    const answered = this.#probes.findIndex((probe) => probe.transaction === transaction);
    if (answered === -1) {
      this.#send(packet);
      return;
    }
    const took = this.heardAt - (this.#probes[answered] as Probe).at;
    this.#roundTrip = Math.min(this.#roundTrip ?? took, took);
    // TCP keeps the order: what went before has arrived as well.
    this.#probes.splice(0, answered + 1);
  }

  close(): void {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    clearTimeout(this.#silence);
    this.#udp.close();
    this.#socket.destroy();
    this.#closed();
  }

  #send(packet: Buffer): void {
    if (this.#isConnected) {
      this.#udp.send(packet);
    } else if (this.#early.length < mostEarly) {
      this.#early.push(packet);
    }
  }

  #toViewer(packet: Buffer): void {
    if (this.#socket.writableLength > fullQueue) {
      return;
    }
    const isMedia = isRtp(packet);
    this.#write(isMedia ? packet : withMappedAddress(packet, this.#seen, this.#guest.ours.password));
    this.#hasUnprobed ||= isMedia;
    if (isMedia && performance.now() - this.#probedAt >= probeInterval) {
      this.#probe();
    }
  }

  /** Goes with the media of its turn, so that it stands behind them in the queue. */
  #probe(): void {
    const transaction = randomBytes(12);
    this.#probedAt = performance.now();
    this.#hasUnprobed = false;
    this.#probes.push({ transaction: transaction.toString('hex'), at: this.#probedAt });
    this.#write(writeCheck(transaction, this.#guest.ours, this.#guest.theirs));
  }

  #write(packet: Buffer): void {
    if (this.#frames.length === 0) {
      setImmediate(() => this.#flush());
    }
    this.#frames.push(writeFrame(packet));
  }

  #flush(): void {
    const frames = this.#frames;
    this.#frames = [];
    if (!this.#isClosed) {
      this.#socket.write(Buffer.concat(frames));
    }
  }
}

/** RTP and RTCP, told from STUN and DTLS by the first byte (RFC 7983). */
function isRtp(packet: Buffer): boolean {
  const [first = 0] = packet;
  return first >= 128 && first <= 191;
}
