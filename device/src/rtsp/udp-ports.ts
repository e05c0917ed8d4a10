import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { RtspError } from './rtsp-error.ts';

/** An even port for RTP and the next one for RTCP (RFC 3550 section 11), on all addresses. */
export class UdpPorts {
  readonly port: number;
  readonly #sockets: readonly [rtp: Socket, rtcp: Socket];
  /** Where packets may come from: others could not be told from the camera's. */
  #from = new Set<string>();
  #remote: { address: string; ports: readonly [number, number] } | null = null;

  private constructor(port: number, sockets: readonly [Socket, Socket]) {
    this.port = port;
    this.#sockets = sockets;
  }

  /** @param remoteAddress of the camera, whose IP version counts */
  static async open(remoteAddress: string, take: (isRtcp: boolean, data: Buffer) => void): Promise<UdpPorts> {
    const type = isIPv6(remoteAddress) && !remoteAddress.startsWith('::ffff:') ? 'udp6' : 'udp4';
    for (let tries = 0; tries < mostTries; tries++) {
      const port = lowestPort + 2 * Math.floor(Math.random() * ((65_534 - lowestPort) / 2));
      const sockets = [createSocket(type), createSocket(type)] as const;
      try {
        for (const [index, socket] of sockets.entries()) {
          socket.bind(port + index);
          await once(socket, 'listening');
        }
        const ports = new UdpPorts(port, sockets);
        ports.#listen(take);
        return ports;
      } catch {
        closeAll(sockets);
      }
    }
    throw new RtspError('refused', 'this machine has no two free UDP ports for the camera: leave #transport=udp out');
  }

  /**
   * Packets come from here. The first packet opens the way through firewalls between.
   * @param ports null where the camera does not say from which it sends
   */
  expect(addresses: readonly string[], ports: readonly [number, number] | null): void {
    this.#from = new Set(addresses.map(plain));
    const [address] = this.#from;
    if (address !== undefined && ports !== null) {
      this.#remote = { address, ports };
      // An RTP packet with nothing in it; the RTCP port gets reports.
      this.#send(0, Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    }
  }

  sendRtcp(data: Buffer): void {
    this.#send(1, data);
  }

  close(): void {
    closeAll(this.#sockets);
  }

  #send(index: 0 | 1, data: Buffer): void {
    if (this.#remote !== null) {
      this.#sockets[index].send(data, this.#remote.ports[index], this.#remote.address, () => {
        // A report that does not arrive is followed by another.
      });
    }
  }

  #listen(take: (isRtcp: boolean, data: Buffer) => void): void {
    for (const [index, socket] of this.#sockets.entries()) {
      socket.on('message', (data, { address }) => {
        if (this.#from.has(plain(address))) {
          take(index === 1, data);
        }
      });
      // Refused reports come back as errors.
      socket.on('error', () => {});
    }
    try {
      this.#sockets[0].setRecvBufferSize(receiveBuffer);
    } catch {
      // The system's default is smaller, and large key frames may lose packets.
    }
  }
}

function plain(address: string): string {
  return address.replace(/^::ffff:/, '').replace(/%.*$/, '');
}

function closeAll(sockets: readonly Socket[]): void {
  for (const socket of sockets) {
    try {
      socket.close();
    } catch {
      // It was never bound.
    }
  }
}

const mostTries = 20;
const lowestPort = 20_000;
/** Bytes: a key frame of a 4K camera comes in one burst. */
const receiveBuffer = 1024 * 1024;
