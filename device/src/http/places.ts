import type { Config } from '../config/config.ts';
import { TokenBucket } from '../token-bucket.ts';

/** Counts what each client holds. Clients are told apart by address; one of IPv6 owns a whole network of 64 bits. */
export class Places {
  readonly #held = new Map<string, number>();

  /** @returns what gives the place back, once; null if the client holds as many as it may */
  take(address: string | undefined, most: number): (() => void) | null {
    const client = networkOf(address ?? '');
    const held = this.#held.get(client) ?? 0;
    if (held >= most) {
      return null;
    }
    this.#held.set(client, held + 1);
    let isHeld = true;
    return () => {
      if (isHeld) {
        isHeld = false;
        const left = (this.#held.get(client) as number) - 1;
        left === 0 ? this.#held.delete(client) : this.#held.set(client, left);
      }
    };
  }
}

/** Clients whose arrivals are remembered; the one that was forgotten has all of its arrivals again. */
const mostRemembered = 10_000;
/** Seconds in which a client that used up its arrivals has all of them again. */
const recovery = 10;

/** Bounds how often each client comes: what one may do in a session, it could otherwise do in one session after the other. */
export class Arrivals {
  /** Those that came first stand first. */
  readonly #clients = new Map<string, TokenBucket>();

  /** @param burst arrivals at once @returns whether the client may come in now */
  take(address: string | undefined, burst: number, now = performance.now()): boolean {
    const client = networkOf(address ?? '');
    const budget = this.#clients.get(client) ?? new TokenBucket(burst / recovery, burst, now);
    const [oldest = ''] = this.#clients.keys();
    if (this.#clients.size >= mostRemembered && !this.#clients.has(client)) {
      this.#clients.delete(oldest);
    }
    this.#clients.set(client, budget);
    return budget.take(now);
  }
}

/** The client that an address stands for. @param address as Node writes those of sockets: an IPv4 address may come as `::ffff:192.0.2.1` */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/, '').replace(/%.*$/, '');
  if (!plain.includes(':')) {
    return plain;
  }
  const [before = '', after] = plain.split('::');
  const groups = before.split(':');
  const missing = after === undefined ? 0 : 8 - groups.length - after.split(':').length;
  return [...groups, ...Array(Math.max(missing, 0)).fill('0'), ...(after ?? '').split(':')].slice(0, 4).join(':');
}

/**
 * How many sessions one client may have. Half of all where the configuration does not say, so that no client can hold every
 * one; a proxy on this machine brings all of its viewers and may have them all.
 */
export function sessionsPerAddress(
  address: string | undefined,
  { maxSessions, maxSessionsPerAddress }: Config['multistream'],
): number {
  const isLocal = /^(::1$|(::ffff:)?127\.)/.test(address ?? '');
  return maxSessionsPerAddress ?? (isLocal ? maxSessions : Math.ceil(maxSessions / 2));
}
