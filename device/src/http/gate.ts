import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config/config.ts';
import { matchesOrigin } from '../config/origin.ts';
import { Access, type Viewer } from './access.ts';
import { isKnownHost } from './host.ts';
import { isAllowedOrigin } from './origin.ts';

export type RefusalReason = 'host' | 'origin' | 'credentials';

/** A request that is not let in. The message may be shown to whoever sent it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;
  readonly status: 401 | 403;
  readonly headers: Record<string, string>;

  constructor(reason: RefusalReason, message: string, challenge?: string) {
    super(message);
    this.reason = reason;
    this.status = challenge === undefined ? 403 : 401;
    this.headers = challenge === undefined ? {} : { 'WWW-Authenticate': challenge };
  }
}

export interface GateRequest {
  headers: IncomingHttpHeaders;
  url?: string | undefined;
}

/**
 * What every request has to pass, HTTP and WebSocket alike: the host, the origin, the credentials. Where a request comes
 * from is no credential: behind a proxy on this machine everyone comes from 127.0.0.1.
 */
export class Gate {
  readonly #api: Config['api'];
  readonly #access: Access;

  constructor(api: Config['api']) {
    this.#api = api;
    this.#access = new Access(api);
  }

  get isOpen(): boolean {
    return this.#access.isOpen;
  }

  /** @throws {Refusal} */
  admit(request: GateRequest): Viewer {
    this.checkOrigin(request);
    const { authorization } = request.headers;
    const viewer = this.#access.identify(authorization, addressOf(request).searchParams.get('token'));
    if (viewer === null) {
      throw new Refusal('credentials', 'a user and password, or a token, is needed', this.#access.challenge);
    }
    return viewer;
  }

  /**
   * For what is open to all who may open the API: a preflight carries no credentials.
   * @throws {Refusal}
   */
  checkOrigin({ headers }: GateRequest): void {
    const { listen, origin } = this.#api;
    // With credentials a rebound name gets nowhere: the browser has none for it.
    if (this.isOpen && !isKnownHost(headers.host, listen.host, origin)) {
      throw new Refusal('host', `host ${headers.host} is not known here; name it in api.origin, or set credentials`);
    }
    if (!isAllowedOrigin(headers, origin)) {
      throw new Refusal('origin', `origin ${headers.origin} is not in api.origin`);
    }
  }

  /** Whether a page of this origin may send what the browser knows by itself: a password once typed in. */
  isNamed(origin: string): boolean {
    // Any page can give itself the origin `null`, in a sandboxed frame.
    return origin !== 'null' && this.#api.origin.some((entry) => entry !== '*' && matchesOrigin(entry, origin));
  }
}

/** The path and query; the host is whatever the client says it is. */
export function addressOf({ url }: GateRequest): URL {
  return new URL(`http://device${url?.startsWith('/') ? url : '/'}`);
}
