import { Agent, get, type IncomingMessage } from 'node:http';
import { get as getOverTls, Agent as TlsAgent } from 'node:https';
import { Authentication, credentialsOf, knownLogins, parseChallenges, type Refusal } from '../rtsp/authentication.ts';
import { silence } from './open-source.ts';

/** The names that FFmpeg knows, which opens the other cameras: cameras are in the same network for both. */
const { http_proxy, no_proxy } = process.env;
const proxyEnv = { http_proxy, https_proxy: http_proxy, no_proxy };

const refusals: Record<Refusal, string> = {
  'no-password': 'it wants a user and a password',
  'unknown-login': `it asks for a login that this device does not have; allowed: ${knownLogins}`,
  'wrong-password': 'its user or password is wrong',
};

/** The camera answers, and has nothing for us. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';

  constructor(status: number, refusal: Refusal) {
    super(`the camera answers with status ${status}${status === 401 ? `: ${refusals[refusal]}` : ''}`);
  }
}

/** Redirects and challenges before an answer. */
const mostTurns = 8;
const redirects = [301, 302, 303, 307, 308];

/** Asks one HTTP camera, again and again where that is wanted, over one connection, and answers its challenges. */
export class HttpCamera {
  #url: URL;
  #authentication: Authentication;
  #hasOwnLogin = false;
  readonly #agents = {
    // As cameras' makers sign them themselves, any certificate is good, like everywhere else.
    'https:': new TlsAgent({ keepAlive: true, rejectUnauthorized: false, proxyEnv }),
    'http:': new Agent({ keepAlive: true, proxyEnv }),
  };

  /** @param url with user and password */
  constructor(url: string) {
    this.#url = new URL(url);
    this.#authentication = new Authentication(credentialsOf(this.#url));
  }

  /**
   * @returns the answer with status 200, whose body is still to come
   * @throws {Error} which says why there is none, without the address
   */
  async ask(): Promise<IncomingMessage> {
    for (let turn = 0; turn < mostTurns; turn++) {
      const uri = `${this.#url.pathname}${this.#url.search}`;
      const authorization = this.#authentication.answer('GET', uri);
      const response = await this.#get(authorization);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) {
        this.#authentication.accept();
        return response;
      }
      response.destroy();
      const challenges = response.headersDistinct['www-authenticate'] ?? [];
      this.#hasOwnLogin ||= statusCode === 401 && !isKnownToFfmpeg(challenges);
      if (redirects.includes(statusCode) && headers.location !== undefined) {
        this.#redirect(headers.location);
      } else if (statusCode !== 401 || !this.#authentication.take(challenges, authorization !== null)) {
        throw new HttpStatusError(statusCode, this.#authentication.refusal);
      }
    }
    throw new Error('the camera redirects without an end');
  }

  /** Whether the camera asked for a login that FFmpeg does not have. */
  get hasOwnLogin(): boolean {
    return this.#hasOwnLogin;
  }

  close(): void {
    this.#agents['https:'].destroy();
    this.#agents['http:'].destroy();
  }

  #get(authorization: string | null): Promise<IncomingMessage> {
    const { protocol } = this.#url;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const url = new URL(this.#url);
    url.username = '';
    url.password = '';
    const options = {
      headers: { 'User-Agent': 'multistream', Accept: '*/*', ...(authorization && { Authorization: authorization }) },
      // Cameras' headers are not always what the parser would have.
      insecureHTTPParser: true,
    };
    const request =
      protocol === 'https:'
        ? getOverTls(url.href, { ...options, agent: this.#agents[protocol] }, resolve)
        : get(url.href, { ...options, agent: this.#agents['http:'] }, resolve);
    const slow = setTimeout(() => request.destroy(new Error(`no answer for ${silence / 1000} s`)), silence);
    request.on('error', reject);
    return promise.finally(() => clearTimeout(slow));
  }

  /** A password is not told to another host. */
  #redirect(location: string): void {
    const to = URL.canParse(location, this.#url.href) ? new URL(location, this.#url) : null;
    if (to === null || (to.protocol !== 'http:' && to.protocol !== 'https:')) {
      throw new Error('the camera redirects to an address that is not HTTP');
    }
    if (this.#url.protocol === 'https:' && to.protocol === 'http:') {
      throw new Error('the camera redirects from https:// to http://, which would give up encryption');
    }
    const isOther = to.host !== this.#url.host || to.username !== '';
    this.#url = to;
    this.#authentication = isOther ? new Authentication(credentialsOf(to)) : this.#authentication;
  }
}

/** FFmpeg keeps 300 characters of a nonce, and answers the last of several Digest challenges, if it is for MD5. */
function isKnownToFfmpeg(headers: readonly string[]): boolean {
  const digests = headers.flatMap(parseChallenges).filter(({ scheme }) => scheme === 'digest');
  const isPlain = ({ params }: (typeof digests)[number]) =>
    /^MD5(-sess)?$/i.test(params.get('algorithm') ?? 'MD5') && (params.get('nonce') ?? '').length < 300;
  return digests.length <= 1 && digests.every(isPlain);
}
