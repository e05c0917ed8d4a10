/** A thin or lossy link in user space: a UDP path whose losses, delay and rate a test or benchmark sets. */

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
}

export const perfectLink: Link = { loss: 0, delay: 0, rate: Number.POSITIVE_INFINITY, queue: 200 };

export interface UdpRelay {
  port: number;
  /** From the target to whoever came; changes take effect with the next packet. */
  down: Link;
  /** To the target. */
  up: Link;
  close(): void;
}

/** @param random from 0 to 1, for a link that loses the same packets each time */
export async function startUdpRelay(target: { host: string; port: number }, random = Math.random): Promise<UdpRelay> {
  const front = createSocket('udp4');
  /** Who came has a socket of its own towards the target, so that the answers find their way back. */
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
  const carry = (direction: 'up' | 'down', size: number, deliver: () => void) => {
    const { loss, delay, rate, queue } = relay[direction];
    const now = performance.now();
    const start = Math.max(now, busyUntil[direction]);
    if (random() < loss || start - now > queue) {
      return;
    }
    busyUntil[direction] = start + (size * 8 * 1000) / rate;
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
      way.on('message', (answer) =>
        carry('down', answer.length, () => front.send(answer, sender.port, sender.address)),
      );
      // A target that is gone answers with ICMP, which is no more than another loss.
      way.on('error', () => {});
      ways.set(name, way);
    }
    const open = way;
    carry('up', packet.length, () => open.send(packet, target.port, target.host));
  });
  front.on('error', () => {});
  front.bind(0, '127.0.0.1');
  await once(front, 'listening');
  relay.port = (front.address() as AddressInfo).port;
  return relay;
}
