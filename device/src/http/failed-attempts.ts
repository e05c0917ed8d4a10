import { createHash } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { networkOf } from './places.ts';

/** Wrong credentials that one client may try, and the seconds after which they are forgotten. */
const most = { points: 20, duration: 60 };
/** Credentials that are remembered as good. */
const mostKnown = 1000;

/**
 * Slows down guessing: a client that has tried too many wrong credentials is not heard for a while. Credentials that were
 * good before are heard all the same, since many viewers may share an address behind a proxy.
 */
export class FailedAttempts {
  readonly #limiter = new RateLimiterMemory(most);
  /** Digests, the oldest first. */
  readonly #known = new Set<string>();

  /** @returns the seconds that this client has to wait before these credentials are looked at; 0 for none */
  async wait(address: string | undefined, credentials: string): Promise<number> {
    if (this.#known.has(digest(credentials))) {
      return 0;
    }
    const tried = await this.#limiter.get(networkOf(address ?? ''));
    return tried !== null && tried.consumedPoints >= most.points ? Math.ceil(tried.msBeforeNext / 1000) : 0;
  }

  failed(address: string | undefined, credentials: string): void {
    this.#known.delete(digest(credentials));
    // It rejects once there are too many; `wait` tells.
    this.#limiter.consume(networkOf(address ?? '')).catch(() => {});
  }

  succeeded(credentials: string): void {
    const [oldest = ''] = this.#known;
    if (this.#known.size >= mostKnown) {
      this.#known.delete(oldest);
    }
    this.#known.add(digest(credentials));
  }
}

function digest(credentials: string): string {
  return createHash('sha256').update(credentials).digest('base64');
}
