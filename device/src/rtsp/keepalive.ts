import type { RtspConnection } from './connection.ts';
import type { RtspError } from './rtsp-error.ts';

/**
 * Keeps the session alive at half of its time-out, by GET_PARAMETER where the camera says that it has that, and else by
 * OPTIONS (RFC 2326 section 10.8). A camera that does not answer is no worse than its silence.
 */
export class Keepalive {
  /** Methods that the camera names. */
  #methods: string;
  #lastAt: number;
  readonly #now: () => number;

  /** @param methods of the header `Public`; empty where the camera has not said @param now milliseconds */
  constructor(methods: string, now: () => number) {
    this.#methods = methods;
    this.#now = now;
    this.#lastAt = now();
  }

  /** Asks which methods there are, if the camera has not said. */
  async learn(connection: RtspConnection, uri: string): Promise<void> {
    if (this.#methods === '') {
      const options = await connection.request('OPTIONS', uri).catch(() => null);
      this.#methods = options?.headers.get('public')?.join(',') ?? '';
    }
  }

  /**
   * Asks once more, if it is time.
   * @param sessionSeconds after which the camera ends a session that says nothing
   * @throws {RtspError} closed
   */
  async ask(connection: RtspConnection, uri: string, sessionSeconds: number): Promise<void> {
    const interval = Math.min(longestMs, Math.max(1000, sessionSeconds * 500));
    if (this.#now() - this.#lastAt < interval) {
      return;
    }
    this.#lastAt = this.#now();
    try {
      await connection.request(/GET_PARAMETER/i.test(this.#methods) ? 'GET_PARAMETER' : 'OPTIONS', uri);
    } catch (error) {
      const { reason } = error as RtspError;
      if (reason === 'closed') {
        throw error;
      }
      if (reason !== 'timeout') {
        this.#methods = this.#methods.replaceAll(/GET_PARAMETER/gi, '');
      }
    }
  }
}

const longestMs = 60_000;
