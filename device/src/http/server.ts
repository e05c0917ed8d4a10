import type { IncomingMessage, Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import type { StartConversation } from './connection.ts';
import { serveStills } from './frame-route.ts';
import { Gate } from './gate.ts';
import { guardRoutes } from './gate-hook.ts';
import type { Metrics } from './metrics.ts';
import { servePages } from './pages.ts';
import { acceptSockets } from './sockets.ts';
import { serveStatus } from './status-routes.ts';
import { serveStreams } from './streams-route.ts';

export interface ServerOptions {
  config: Config;
  streams: StreamRegistry;
  startConversation: StartConversation;
  metrics: Metrics;
  log: Logger;
}

export interface RunningServer {
  port: number;
  /** Who may come in, from now on: whoever is in and has other rights now is sent away. The address stays as it is. */
  reconfigure(config: Config): void;
  /** Accepts no one any more, ends every conversation, and resolves when all sockets are closed. */
  close(): Promise<void>;
}

/** @throws {NodeJS.ErrnoException} such as EADDRINUSE */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { streams, startConversation, metrics, log } = options;
  let { config } = options;
  let gate = new Gate(config.api);
  const { tls } = config.api;
  const app = Fastify({
    forceCloseConnections: true,
    frameworkErrors: (_, __, reply) => (reply as FastifyReply).code(400).send({ error: misunderstood }),
    ...(tls === undefined ? {} : { https: tls }),
  }) as unknown as FastifyInstance<Server, IncomingMessage>;
  answerMistakes(app, log);
  guardRoutes(app, () => gate, log);
  const sockets = acceptSockets(app.server, {
    gate: () => gate,
    maxSessions: () => config.multistream.maxSessions,
    maxSlots: () => config.multistream.maxSlots,
    startConversation,
    log,
  });

  serveStatus(app, () => config.webrtc.iceServers);
  serveStreams(app, streams, () => config.streams);
  serveStills(app, streams);
  metrics.serve(app);
  await servePages(app);
  const { host = '::', port } = config.api.listen;
  await app.listen({ host, port });
  if (gate.isOpen && !isLoopback(host)) {
    log.warn(
      { host },
      'everyone who reaches this address sees every camera: there are no api.tokens and no api.password',
    );
  }
  return {
    port: (app.server.address() as AddressInfo).port,
    reconfigure: (next) => {
      config = next;
      gate = new Gate(config.api);
      if (config.api.tls !== undefined && tls !== undefined) {
        (app.server as TlsServer).setSecureContext(config.api.tls);
      }
      sockets.recheck();
    },
    close: async () => {
      const closed = app.close();
      sockets.close();
      await closed;
    },
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

const misunderstood = 'the request cannot be understood';

/** In our words: fastify's own repeat the address, which may hold a token. */
function answerMistakes(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ error: 'there is nothing at this address' }));
  app.setErrorHandler((error: Error & { statusCode?: number }, _, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) {
      return reply.code(status).send({ error: misunderstood });
    }
    log.error({ error: error.stack }, 'a request could not be answered');
    return reply.code(500).send({ error: "internal error; the device's log has it" });
  });
}
