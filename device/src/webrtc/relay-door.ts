import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { IceServer } from '../../../src/protocol/messages.ts';
import { userOfZeroTieBreaker, withTieBreaker } from './stun.ts';

interface Way {
  /** The door's own end towards the device's port; to that, it is where the viewer is. */
  socket: Socket;
  user: string;
}

/** Ways of one viewer: one for each relay address that it has, of which browsers have a few. Each holds a socket. */
const mostWays = 8;

/**
 * A second UDP port, for viewers behind a TURN server over TCP or TLS. Chromium's checks have a tie-breaker of 0 there,
 * which RFC 8445 allows and libjuice refuses (libjuice#355), so that no connection would come about. Here such checks are
 * mended on their way to the device's port, and what belongs to them is passed on both ways; nothing else is let in.
 */
export class RelayDoor {
  readonly #front: Socket;
  readonly #target: { host: string; port: number };
  /** By the user name that we gave the viewer. */
  readonly #passwords = new Map<string, string>();
  /** By where they come from. */
  readonly #ways = new Map<string, Way>();

  /**
   * @param target the port that all viewers share; the door's own is the next one
   * @throws {NodeJS.ErrnoException} such as EADDRINUSE
   */
  static async open(target: { host: string; port: number }): Promise<RelayDoor> {
    const { host, port } = target;
    const front = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
    front.bind(port + 1, host);
    await once(front, 'listening');
    return new RelayDoor(front, { host: ['::', '0.0.0.0'].includes(host) ? '127.0.0.1' : host, port });
  }

  private constructor(front: Socket, target: { host: string; port: number }) {
    this.#front = front;
    this.#target = target;
    front.on('message', (packet, from) => this.#take(packet, from));
    // An answer that does not reach its viewer is one lost packet more.
    front.on('error', () => {});
  }

  /**
   * Lets a viewer in.
   * @param user and @param password of ICE, as our answer has them
   * @returns what lets it out
   */
  admit(user: string, password: string): () => void {
    this.#passwords.set(user, password);
    return () => {
      this.#passwords.delete(user);
      for (const [from, way] of this.#ways) {
        if (way.user === user) {
          way.socket.close();
          this.#ways.delete(from);
        }
      }
    };
  }

  /** The candidate of the door, beside one of the device itself; null where that is not an address of the machine's own. */
  beside(candidate: string): string | null {
    const fields = candidate.split(' ');
    if (fields[5] !== String(this.#target.port) || fields[7] !== 'host') {
      return null;
    }
    // The lowest priority: viewers use the door only if nothing else works.
    return fields
      .with(0, `${fields[0]}door`)
      .with(3, '1')
      .with(5, String(this.#target.port + 1))
      .join(' ');
  }

  close(): void {
    for (const { socket } of this.#ways.values()) {
      socket.close();
    }
    this.#ways.clear();
    this.#front.close();
  }

  #take(packet: Buffer, from: RemoteInfo): void {
    const user = userOfZeroTieBreaker(packet);
    const password = user === null ? undefined : this.#passwords.get(user);
    const mended = password === undefined ? packet : withTieBreaker(packet, password);
    if (mended === null) {
      return;
    }
    const key = `${from.address} ${from.port}`;
    let way = this.#ways.get(key);
    if (way === undefined && user !== null && password !== undefined) {
      this.#makeRoom(user);
      way = this.#openWay(user, from);
      this.#ways.set(key, way);
    }
    way?.socket.send(mended, this.#target.port, this.#target.host);
  }

  /** Closes the oldest way of a viewer that has as many as it may. */
  #makeRoom(user: string): void {
    const own = [...this.#ways].filter(([, way]) => way.user === user);
    const [oldest] = own;
    if (oldest !== undefined && own.length >= mostWays) {
      oldest[1].socket.close();
      this.#ways.delete(oldest[0]);
    }
  }

  #openWay(user: string, from: RemoteInfo): Way {
    const socket = createSocket(isIPv6(this.#target.host) ? 'udp6' : 'udp4');
    socket.on('message', (packet) => this.#front.send(packet, from.port, from.address));
    socket.on('error', () => {});
    return { socket, user };
  }
}

/** Whether viewers may come over a TURN server that they reach by TCP or TLS. */
export function needsDoor(iceServers: readonly IceServer[]): boolean {
  return iceServers.some(({ urls }) => urls.some((url) => /^turns:|^turn:.*[?]transport=tcp$/i.test(url)));
}
