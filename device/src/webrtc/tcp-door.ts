import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { TokenBucket } from '../token-bucket.ts';
import { isSigned, userOfCheck } from './stun.ts';
import { FrameReader } from './tcp-frames.ts';
import { type Guest, type Target, TcpWay } from './tcp-way.ts';

/** How long a new connection has for its first frame, in milliseconds. */
const admissionTime = 2000;
/** Connections that are not admitted yet. */
const mostWaiting = 128;
const mostWaitingPerAddress = 16;
/** Connections of one viewer: a browser tries each pair of addresses, and goes on with one. */
const mostWays = 16;
/** Connections in all, admitted or not. */
const mostConnections = 2048;

/**
 * Packets of one viewer, over all of its connections, a second and at once. A viewer says some tens a second; each costs
 * the main thread a system call, so that frames of a few bytes would occupy it.
 */
const packetRate = 1000;
const packetBurst = 2000;

/** A viewer that the door lets in. */
export interface Admission {
  /** The ports by which the device knows those of the viewer's connections that are too slow for its pictures. */
  congested(): number[];
  /** Whether the viewer has a connection here. */
  readonly isUsed: boolean;
  leave(): void;
}

interface Admitted {
  guest: Guest;
  ways: Set<TcpWay>;
  budget: TokenBucket;
}

/**
 * ICE over TCP (RFC 6544, passive), before a library that has UDP alone: viewers connect to the TCP port of the same number,
 * and each connection is passed on from a UDP socket of its own to the device's UDP port, and back. A connection belongs
 * to a viewer from its first frame on, which has to be a check that is signed with our password for that viewer.
 */
export class TcpDoor {
  /** Where viewers connect. */
  readonly at: Target;
  readonly #server: Server;
  readonly #target: Target;
  /** By the user name that we gave the viewer. */
  readonly #admitted = new Map<string, Admitted>();
  /** Connections without a viewer, the oldest first; with what ends their time. */
  readonly #waiting = new Map<Socket, NodeJS.Timeout>();

  /**
   * @param at where viewers connect
   * @param target the device's UDP port
   * @throws {NodeJS.ErrnoException} such as EADDRINUSE
   */
  static async open(at: Target, target: Target): Promise<TcpDoor> {
    const server = createServer({ noDelay: true, keepAlive: true });
    server.maxConnections = mostConnections;
    server.listen(at.port, at.host);
    await once(server, 'listening');
    return new TcpDoor(server, at, target);
  }

  private constructor(server: Server, at: Target, target: Target) {
    this.at = at;
    this.#server = server;
    this.#target = target;
    server.on('connection', (socket) => this.#greet(socket));
    server.on('error', () => {});
  }

  /** Lets a viewer in, until it leaves. */
  admit(guest: Guest): Admission {
    const ways = new Set<TcpWay>();
    this.#admitted.set(guest.ours.user, { guest, ways, budget: new TokenBucket(packetRate, packetBurst) });
    return {
      congested: () => Array.from(ways, (way) => (way.isCongested() ? way.port : null)).filter((port) => port !== null),
      get isUsed() {
        return ways.size > 0;
      },
      leave: () => {
        this.#admitted.delete(guest.ours.user);
        for (const way of ways) {
          way.close();
        }
      },
    };
  }

  close(): void {
    this.#server.close();
    for (const [socket, timer] of this.#waiting) {
      clearTimeout(timer);
      socket.destroy();
    }
    for (const { ways } of this.#admitted.values()) {
      for (const way of ways) {
        way.close();
      }
    }
  }

  #greet(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    this.#makeRoom(socket.remoteAddress);
    const refuse = () => socket.destroy();
    this.#waiting.set(socket, setTimeout(refuse, admissionTime));
    socket.once('close', () => this.#stopWaiting(socket));
    const reader = new FrameReader();
    let viewer: Admitted | null = null;
    let way: TcpWay | null = null;
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const packet of reader.read(chunk)) {
          viewer ??= this.#viewerOf(packet);
          if (viewer === null || !viewer.budget.take()) {
            refuse();
            return;
          }
          way ??= this.#openWay(socket, viewer);
          way.toDevice(packet);
        }
      } catch {
        refuse();
      }
    });
  }

  /** @returns null for a first frame that lets no connection in */
  #viewerOf(first: Buffer): Admitted | null {
    const admitted = this.#admitted.get(userOfCheck(first) ?? '');
    return admitted !== undefined && isSigned(first, admitted.guest.ours.password) ? admitted : null;
  }

  #openWay(socket: Socket, { guest, ways }: Admitted): TcpWay {
    this.#stopWaiting(socket);
    if (ways.size >= mostWays) {
      const [quietest] = [...ways].sort((one, other) => one.heardAt - other.heardAt);
      quietest?.close();
    }
    const way: TcpWay = new TcpWay(socket, this.#target, guest, () => ways.delete(way));
    ways.add(way);
    return way;
  }

  /** The oldest one goes: a viewer's first check follows its connection at once. */
  #makeRoom(address: string | undefined): void {
    const all = [...this.#waiting.keys()];
    const own = all.filter(({ remoteAddress }) => remoteAddress === address);
    if (own.length >= mostWaitingPerAddress) {
      own[0]?.destroy();
    } else if (all.length >= mostWaiting) {
      all[0]?.destroy();
    }
  }

  #stopWaiting(socket: Socket): void {
    clearTimeout(this.#waiting.get(socket));
    this.#waiting.delete(socket);
  }
}
