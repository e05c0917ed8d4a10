import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Viewer } from './access.ts';
import { addressOf, type Gate, Refusal } from './gate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler of a path that is not open to all. */
    viewer: Viewer;
  }
}

const nobody: Viewer = { maySee: () => false, seesAll: false, rights: '' };

/** Scripts, styles and pictures hold no secret, and a script tag of another page cannot send credentials. */
const openFile = /^\/(?!api\b)[^%]*\.(js|css|svg|map)$/;

/** One hook before every route: the gate, and the headers by which a browser lets a page of another origin read on. */
export function guardRoutes(app: FastifyInstance, gate: () => Gate, log: Logger): void {
  app.decorateRequest('viewer');
  app.addHook('onRequest', async (request, reply) => {
    request.viewer = nobody;
    reply.headers({ 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' });
    const { pathname } = addressOf(request.raw);
    if (pathname === '/healthz' || openFile.test(pathname)) {
      reply.header('Access-Control-Allow-Origin', '*');
      return;
    }
    const preflight = request.method === 'OPTIONS';
    reply.header('Cache-Control', 'no-store');
    try {
      gate().checkOrigin(request.raw);
      reply.headers(corsHeaders(request, gate()));
      if (preflight) {
        return reply.code(204).send();
      }
      request.viewer = gate().admit(request.raw);
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      logRefusal(log, error, request.ip);
      return reply.code(error.status).headers(error.headers).send({ error: error.message });
    }
  });
}

/** Never with the address of the request, which may hold a token. */
export function logRefusal(log: Logger, { reason, message }: Refusal, client: string | undefined): void {
  log.warn({ reason, client }, `refused: ${message}`);
}

function corsHeaders({ headers, method }: FastifyRequest, gate: Gate): Record<string, string> {
  const { origin } = headers;
  if (origin === undefined) {
    return { Vary: 'Origin' };
  }
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    ...(gate.isNamed(origin) ? { 'Access-Control-Allow-Credentials': 'true' } : {}),
    ...(method === 'OPTIONS'
      ? {
          'Access-Control-Allow-Methods': 'GET, HEAD',
          'Access-Control-Allow-Headers': 'Authorization',
          // A page of a public network asks first whether it may reach into ours.
          'Access-Control-Allow-Private-Network': 'true',
          'Access-Control-Max-Age': '600',
        }
      : {}),
  };
}
