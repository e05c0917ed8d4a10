/** A link in user space: a UDP path whose losses, delay and rate a test or benchmark sets. */

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Link {
  /** Share of packets that are lost, 0 to 1. */
  loss: number;
  /** Milliseconds, one way. */
  delay: number;
  /** Bits a second. */
  rate: number;
  /** Milliseconds that a packet may wait for its turn before it is dropped, as in a router's queue. */
  queue: number;
  /** Loses the packets that it says true of, beside those that `loss` takes. */
  loses?: ((packet: Buffer) => boolean) | undefined;
}

export const perfectLink: Link = {
  loss: 0,
  delay: 0,
  rate: Number.POSITIVE_INFINITY,
  queue: 200,
  loses: undefined,
};

export interface UdpRelay {
  port: number;
  /** From the target to the senders. A change of either direction takes effect with the next packet. */
  down: Link;
  /** To the target. */
  up: Link;
  close(): void;
}

/** @param random from 0 to 1, for a link that loses the same packets each time */
export async function startUdpRelay(target: { host: string; port: number }, random = Math.random): Promise<UdpRelay> {
  const front = createSocket('udp4');
  /** Each sender has a socket of its own towards the target, so that the answers find their way back. */
  const ways = new Map<string, Socket>();
  const waiting = new Set<NodeJS.Timeout>();
  const relay: UdpRelay = {
    port: 0,
    down: { ...perfectLink },
    up: { ...perfectLink },
    close: () => {
      for (const timer of waiting) {
        clearTimeout(timer);
      }
      for (const socket of [front, ...ways.values()]) {
        socket.close();
      }
    },
  };

  /** When each direction has sent all that it has taken on, in milliseconds. */
  const busyUntil = { up: 0, down: 0 };
  const carry = (direction: 'up' | 'down', packet: Buffer, deliver: () => void) => {
    const { loss, delay, rate, queue, loses } = relay[direction];
    const now = performance.now();
    const start = Math.max(now, busyUntil[direction]);
    if (random() < loss || start - now > queue || loses?.(packet)) {
      return;
    }
    busyUntil[direction] = start + (packet.length * 8 * 1000) / rate;
    const wait = busyUntil[direction] + delay - now;
    if (wait < 1) {
      deliver();
      return;
    }
    const timer = setTimeout(() => {
      waiting.delete(timer);
      deliver();
    }, wait);
    waiting.add(timer);
  };

  front.on('message', (packet, sender) => {
    const name = `${sender.address}:${sender.port}`;
    let way = ways.get(name);
    if (way === undefined) {
      way = createSocket('udp4');
      way.on('message', (answer) => carry('down', answer, () => front.send(answer, sender.port, sender.address)));
      // A target that is gone answers with ICMP, which is no more than another loss.
      way.on('error', () => {});
      ways.set(name, way);
    }
    const open = way;
    carry('up', packet, () => open.send(packet, target.port, target.host));
  });
  front.on('error', () => {});
  front.bind(0, '127.0.0.1');
  await once(front, 'listening');
  relay.port = (front.address() as AddressInfo).port;
  return relay;
}

/** RTP and RTCP, by the first byte (RFC 7983 section 7); STUN and DTLS have others. */
export function isMedia(packet: Buffer): boolean {
  const first = packet.readUInt8(0);
  return first >= 128 && first <= 191;
}

/**
 * For `Link.loses`: true of the next parameter set, once, where the path carries one track. Such a packet is small and the
 * first one of its picture; an access unit delimiter is smaller, a slice larger.
 */
export function nextParameterSet(): (packet: Buffer) => boolean {
  let isLost = false;
  let timestamp: number | null = null;
  return (packet) => {
    // RTCP has types from 192 to 223 (RFC 5761 section 4).
    const type = isMedia(packet) ? packet.readUInt8(1) : 192;
    if (isLost || (type >= 192 && type <= 223)) {
      return false;
    }
    const isFirst = timestamp !== null && packet.readUInt32BE(4) !== timestamp;
    timestamp = packet.readUInt32BE(4);
    isLost = isFirst && packet.length > 45 && packet.length < 80;
    return isLost;
  };
}
