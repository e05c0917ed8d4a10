import { createHash } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { networkOf } from './places.ts';

/** Wrong credentials that one client may try, and the seconds after which they are forgotten. */
const most = { points: 20, duration: 60 };
/** Credentials that are remembered as good, and as wrong. */
const mostKnown = 1000;

/**
 * Slows down guessing: a client that has tried too many wrong credentials is not heard for a while. Many viewers may share an
 * address behind a proxy, so credentials that were good before are heard all the same, and those that were wrong before are
 * no new guess: a page that is not looked after tries its old token for ever.
 */
export class FailedAttempts {
  readonly #limiter = new RateLimiterMemory(most);
  readonly #good = new Digests();
  readonly #wrong = new Digests();

  /** @returns the seconds that this client has to wait before these credentials are looked at; 0 for none */
  async wait(address: string | undefined, credentials: string): Promise<number> {
    if (this.#good.has(credentials)) {
      return 0;
    }
    const tried = await this.#limiter.get(networkOf(address ?? ''));
    return tried !== null && tried.consumedPoints >= most.points ? Math.ceil(tried.msBeforeNext / 1000) : 0;
  }

  failed(address: string | undefined, credentials: string): void {
    this.#good.delete(credentials);
    if (!this.#wrong.has(credentials)) {
      this.#wrong.add(credentials);
      // It rejects once there are too many; `wait` tells.
      this.#limiter.consume(networkOf(address ?? '')).catch(() => {});
    }
  }

  succeeded(credentials: string): void {
    this.#good.add(credentials);
    this.#wrong.delete(credentials);
  }
}

/** Remembers the newest credentials by their digests. */
class Digests {
  /** The oldest first. */
  readonly #digests = new Set<string>();

  has(credentials: string): boolean {
    return this.#digests.has(digest(credentials));
  }

  add(credentials: string): void {
    const [oldest = ''] = this.#digests;
    if (this.#digests.size >= mostKnown) {
      this.#digests.delete(oldest);
    }
    this.#digests.add(digest(credentials));
  }

  delete(credentials: string): void {
    this.#digests.delete(digest(credentials));
  }
}

function digest(credentials: string): string {
  return createHash('sha256').update(credentials).digest('base64');
}
