import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { matchesOrigin, namesHost } from '../config/origin.ts';
import { Access, CredentialsError, type Viewer } from './access.ts';
import { FailedAttempts } from './failed-attempts.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler of a path that is not open to all. */
    viewer: Viewer;
  }
}

const statuses = { host: 403, origin: 403, credentials: 401, attempts: 429 } as const;

export type RefusalReason = keyof typeof statuses;

/** A request that is not let in. The message may be shown to its sender. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(reason: RefusalReason, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.reason = reason;
    this.status = statuses[reason];
    this.headers = headers;
  }
}

export interface GateRequest {
  headers: IncomingHttpHeaders;
  url?: string | undefined;
  socket?: { localPort?: number | undefined; remoteAddress?: string | undefined };
}

/**
 * The door that every request passes, HTTP and WebSocket alike: the host, the origin, the credentials. The address that a
 * request comes from is no credential: behind a proxy on this machine every request comes from 127.0.0.1.
 */
export class Gate {
  readonly #api: Config['api'];
  readonly #access: Access;
  readonly #attempts: FailedAttempts;

  /** @param attempts outlives the gate: a new configuration forgives no guesses */
  constructor(api: Config['api'], attempts = new FailedAttempts()) {
    this.#api = api;
    this.#access = new Access(api);
    this.#attempts = attempts;
  }

  get isOpen(): boolean {
    return this.#access.isOpen;
  }

  /**
   * @param renewed a token that has taken the place of the one in the request
   * @throws {Refusal}
   */
  async admit(request: GateRequest, renewed?: string): Promise<Viewer> {
    this.checkOrigin(request);
    if (this.isOpen) {
      return this.identify(request);
    }
    const address = request.socket?.remoteAddress;
    const credentials = JSON.stringify(credentialsOf(request, renewed));
    const seconds = await this.#attempts.wait(address, credentials);
    if (seconds > 0) {
      const message = `too many wrong credentials from this address; try again in ${seconds} s`;
      throw new Refusal('attempts', message, { 'Retry-After': String(seconds) });
    }
    try {
      const viewer = await this.identify(request, renewed);
      this.#attempts.succeeded(credentials);
      return viewer;
    } catch (error) {
      // A browser asks without credentials first: that is no guess.
      if (credentials !== noCredentials) {
        this.#attempts.failed(address, credentials);
      }
      throw error;
    }
  }

  /**
   * Finds out who sends this request, and counts no failed attempt.
   * @throws {Refusal}
   */
  async identify(request: GateRequest, renewed?: string): Promise<Viewer> {
    this.checkOrigin(request);
    try {
      return await this.#access.identify(...credentialsOf(request, renewed));
    } catch (error) {
      throw error instanceof CredentialsError
        ? new Refusal('credentials', error.message, { 'WWW-Authenticate': this.#access.challenge })
        : error;
    }
  }

  /**
   * Everything but the credentials, which a preflight does not carry.
   * @throws {Refusal}
   */
  checkOrigin(request: GateRequest): void {
    const { host } = request.headers;
    // A page may point its own name at the device's address after it was loaded (DNS rebinding), and is then of the same
    // origin to the browser. With credentials such a name gets nowhere: the browser has none for it.
    if (this.isOpen && !this.#knowsHost(host)) {
      throw new Refusal('host', `host ${shown(host)} is not known here; name it in api.origin, or set credentials`);
    }
    const page = pageOf(request.headers);
    if (page !== undefined && !this.allows(page, request)) {
      throw new Refusal('origin', `origin ${shown(page)} is not in api.origin`);
    }
  }

  /** Whether a page of this origin may use the device: a page of the device itself, or one that `api.origin` lists. */
  allows(origin: string, request: GateRequest): boolean {
    return this.#api.origin.some((entry) => matchesOrigin(entry, origin)) || isOwn(origin, request);
  }

  /** Whether a page of this origin may send the password that its browser keeps. */
  isNamed(origin: string): boolean {
    // Any page can give itself the origin `null`, in a sandboxed frame.
    return origin !== 'null' && this.#api.origin.some((entry) => entry !== '*' && matchesOrigin(entry, origin));
  }

  /** The headers by which a browser keeps this answer from pages that may not have it, and lets the others read it. */
  answerHeaders(request: GateRequest & { method?: string | undefined }): Record<string, string> {
    const { origin, referer } = request.headers;
    const page = origin ?? originOf(referer);
    const mayEmbed = this.allows(page ?? 'null', request);
    return {
      Vary: 'Origin',
      'Cross-Origin-Resource-Policy': mayEmbed ? 'cross-origin' : 'same-origin',
      ...this.#frameHeaders(mayEmbed ? page : undefined),
      ...(origin === undefined ? {} : this.#corsHeaders(origin, request.method === 'OPTIONS')),
    };
  }

  #corsHeaders(origin: string, preflight: boolean): Record<string, string> {
    return {
      'Access-Control-Allow-Origin': origin,
      ...(this.isNamed(origin) ? { 'Access-Control-Allow-Credentials': 'true' } : {}),
      ...(preflight
        ? {
            'Access-Control-Allow-Methods': 'GET, HEAD, POST, PATCH, DELETE',
            'Access-Control-Allow-Headers': 'Authorization, Content-Type, If-Match',
            // A page of a public network asks first whether it may reach into ours.
            'Access-Control-Allow-Private-Network': 'true',
            'Access-Control-Max-Age': '600',
          }
        : { 'Access-Control-Expose-Headers': 'Location, ETag, Link' }),
    };
  }

  /** Which pages may show the device's pages in a frame. */
  #frameHeaders(page: string | undefined): Record<string, string> {
    const listed = this.#api.origin;
    // A sandboxed frame of any site has the origin `null`, for which the policy has no word.
    if (listed.includes('*') || listed.includes('null')) {
      return {};
    }
    // The page itself beside the entries, some of which are wider than the policy can say.
    const ancestors = ["'self'", ...listed.filter((entry) => policySource.test(entry)), ...(page ? [page] : [])];
    return { 'Content-Security-Policy': `frame-ancestors ${ancestors.join(' ')}` };
  }

  /**
   * Whether a Host header can only mean this device: an address, a name without a dot or of a private domain, and the
   * names that the configuration has. No page from outside can have been loaded under such a name.
   */
  #knowsHost(host: string | undefined): boolean {
    const name = readHost(host)?.name;
    return (
      name !== undefined &&
      (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 ||
        !name.includes('.') ||
        privateSuffix.test(name) ||
        name === this.#api.listen.host ||
        this.#api.origin.some((entry) => namesHost(entry, name)))
    );
  }
}

type Credentials = [authorization: string | undefined, token: string | null];

const noCredentials = JSON.stringify([undefined, null] satisfies Credentials);

function credentialsOf(request: GateRequest, renewed?: string): Credentials {
  return renewed === undefined
    ? [request.headers.authorization, addressOf(request).searchParams.get('token')]
    : [undefined, renewed];
}

/** Top-level names that no public name server answers for (RFC 6761, 6762, 8375; ICANN reserved `internal`). */
const privateSuffix = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/** An entry of `api.origin` that is a host-source of the Content Security Policy, too: `*` as a whole label in front. */
const policySource = /^[a-z][a-z\d+.-]*:\/\/(\*\.)?[a-z\d.-]+(:(\d+|\*))?$/;

/** The path and query. The host in it is ours: the client's is whatever the client says. */
export function addressOf({ url }: GateRequest): URL {
  return new URL(`http://device${url?.startsWith('/') ? url : '/'}`);
}

/**
 * The origin of the page that makes the request; undefined if no page of another site does. A browser names it on every
 * WebSocket and every request that lets a script read the answer. An image, a script or a video of another site comes
 * without, but secure browsers mark it (Fetch Metadata), and then the referrer is the page. Without a referrer it can be
 * any page, as `null` can. A link to the device, and a frame, are navigations: they tell the page nothing.
 */
function pageOf(headers: IncomingHttpHeaders): string | undefined {
  const { origin, referer, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers;
  const isForeign = site === 'cross-site' || site === 'same-site';
  return origin ?? (isForeign && mode !== 'navigate' ? (originOf(referer) ?? 'null') : undefined);
}

function originOf(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) {
    return undefined;
  }
  const { protocol, host } = new URL(address);
  // Not its `origin`, which is `null` for the schemes of apps.
  return `${protocol}//${host}`;
}

/**
 * Whether a page comes from this device: from the name and the port of the Host header. A port that is missing on one side
 * is the usual one of the page's scheme. Some proxies leave it out whatever it was; where the device listens on another
 * port, the header without one must come from such a proxy, and any port of the same name is taken.
 */
function isOwn(origin: string, { headers, socket }: GateRequest): boolean {
  const usual = /^https?:/i.test(origin) && URL.canParse(origin) ? usualPorts[new URL(origin).protocol] : undefined;
  const host = readHost(headers.host);
  if (usual === undefined || host === null) {
    return false;
  }
  const { hostname, port } = new URL(origin);
  const pagePort = port === '' ? usual : Number(port);
  const portIsLeftOut = host.port === null && !Object.values(usualPorts).includes(socket?.localPort ?? 80);
  return hostname.replace(/\.$/, '') === host.name && (portIsLeftOut || pagePort === (host.port ?? usual));
}

const usualPorts: Record<string, number> = { 'http:': 80, 'https:': 443 };

/** @returns the name as URLs have it, and the port where the header has one; null if it is no host at all */
function readHost(header: string | undefined): { name: string; port: number | null } | null {
  if (header === undefined || header.length > 300 || /[/?#@\\]/.test(header) || !URL.canParse(`http://${header}`)) {
    return null;
  }
  const [, port] = /:(\d+)$/.exec(header) ?? [];
  return {
    name: new URL(`http://${header}`).hostname.replace(/\.$/, ''),
    port: port === undefined ? null : Number(port),
  };
}

/** Cut, since a header may be long and the text goes into the log. */
function shown(header: string | undefined): string {
  return header === undefined || header.length <= 100 ? String(header) : `${header.slice(0, 100)}…`;
}

/** Scripts, styles and pictures hold no secret, and a script tag of another page cannot send credentials. */
const openFile = /^\/(?!api\b)[^%]*\.(js|css|svg|map)$/;

const outside: Viewer = { maySee: () => false, seesAll: false, rights: '' };

/** The gate as one hook before every route, for requests and WebSockets. */
export function guardRoutes(app: FastifyInstance, gate: () => Gate, log: Logger): void {
  app.decorateRequest('viewer');
  app.addHook('onRequest', async (request, reply) => {
    request.viewer = outside;
    reply.headers({ 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' });
    const { pathname } = addressOf(request.raw);
    if (hasBody(request)) {
      // A body that is not read to its end would hold the connection.
      reply.header('Connection', 'close');
      if (pathname !== '/api/webrtc') {
        return reply.code(413).send({ error: 'no request to this address takes a body' });
      }
    }
    if (request.ws && pathname !== '/api/ws') {
      return reply.code(404).send({ error: 'the WebSocket is at /api/ws' });
    }
    if (pathname === '/healthz' || openFile.test(pathname)) {
      reply.headers({ 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' });
      return;
    }
    return admit(request, reply, gate(), log);
  });
}

async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  gate: Gate,
  log: Logger,
): Promise<FastifyReply | undefined> {
  reply.header('Cache-Control', 'no-store');
  try {
    gate.checkOrigin(request.raw);
    reply.headers(gate.answerHeaders(request.raw));
    if (request.method === 'OPTIONS') {
      return reply.code(204).send();
    }
    request.viewer = await gate.admit(request.raw);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    const { reason, message, status, headers } = error;
    // Never with the address of the request, which may hold a token.
    log.warn({ reason, client: request.ip }, `refused: ${message}`);
    return reply.code(status).headers(headers).send({ error: message });
  }
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}
