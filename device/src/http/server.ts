import type { IncomingMessage, Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { everyAddress } from '../config/every-address.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import type { Stills } from '../streams/stills.ts';
import { Turns } from '../turns.ts';
import { Admissions } from './admissions.ts';
import type { StartConversation } from './connection.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { Gate, guardRoutes } from './gate.ts';
import type { Metrics } from './metrics.ts';
import { Places, sessionsPerAddress } from './places.ts';
import { serveHealth, servePages, serveStatus, serveStills, serveStreams } from './routes.ts';
import { acceptSockets, takeUpgrades } from './sockets.ts';
import { serveEndlessStreams } from './stream-routes.ts';
import { serveWebRtc } from './webrtc-routes.ts';

/** Milliseconds that a request may take to arrive, and that a connection may be idle between two. */
const patience = 10_000;
/** Connections for each session at the most: a page opens a WebSocket, and up to six more for its files and posters. */
const connectionsPerSession = 7;

export interface ServerOptions {
  config: Config;
  streams: StreamRegistry;
  stills: Stills;
  startConversation: StartConversation;
  metrics: Metrics;
  log: Logger;
}

export interface RunningServer {
  port: number;
  /** Takes over who may come in; clients whose rights have changed are sent away. The address stays as it is. */
  reconfigure(config: Config): void;
  /** Takes no more sessions, and asks those that there are to go elsewhere. */
  drain(): void;
  /** Accepts no more connections, ends every conversation, and resolves when all sockets are closed. */
  close(): Promise<void>;
}

/** @throws {NodeJS.ErrnoException} such as EADDRINUSE */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { streams, stills, startConversation, metrics, log } = options;
  let { config } = options;
  const attempts = new FailedAttempts();
  let gate = new Gate(config.api, attempts);
  const { tls } = config.api;
  const timing = { connectionsCheckingInterval: 1000, headersTimeout: patience };
  const app = Fastify({
    forceCloseConnections: true,
    requestTimeout: patience,
    keepAliveTimeout: patience,
    frameworkErrors: (_, __, reply) => (reply as FastifyReply).code(400).send({ error: misunderstood }),
    ...(tls === undefined ? { http: timing } : { https: { ...timing, handshakeTimeout: patience, ...tls } }),
  }) as unknown as FastifyInstance<Server, IncomingMessage>;
  boundConnections(app.server, () => config.multistream);
  takeOneRequestAtATime(app);
  takeTurns(app);
  answerMistakes(app, log);
  await takeUpgrades(app, log);
  guardRoutes(app, () => gate, log);
  const admissions = new Admissions({ gate: () => gate, limits: () => config.multistream, log });
  app.addHook('onClose', async () => admissions.close());
  acceptSockets(app, { admissions, maxSlots: () => config.multistream.maxSlots, startConversation, log });
  await serveWebRtc(app, { admissions, startConversation, iceServers: () => config.webrtc.iceServers });
  serveStatus(app, () => config.webrtc.iceServers);
  serveHealth(
    app,
    streams,
    () => config.streams,
    () => admissions.isDraining,
  );
  serveStreams(app, streams, () => config.streams);
  serveStills(app, streams, stills);
  serveEndlessStreams(app, { admissions, streams, stills, startConversation });
  metrics.serve(app);
  await servePages(app);
  const { host = await everyAddress(), port } = config.api.listen;
  await app.listen({ host, port });
  if (gate.isOpen && !isLoopback(host)) {
    log.warn(
      { host },
      'everyone who reaches this address sees every camera: there are no api.tokens, no api.jwt and no api.password',
    );
  }
  return {
    port: (app.server.address() as AddressInfo).port,
    reconfigure: (next) => {
      config = next;
      gate = new Gate(config.api, attempts);
      if (config.api.tls !== undefined && tls !== undefined) {
        (app.server as TlsServer).setSecureContext(config.api.tls);
      }
      admissions.recheck();
    },
    drain: () => admissions.drain(),
    close: () => app.close(),
  };
}

/** As many as all sessions need, and as those of one client need: others are closed unheard. */
function boundConnections(server: Server, limits: () => Config['multistream']): void {
  const places = new Places();
  let open = 0;
  server.on('connection', (socket) => {
    const { maxSessions } = limits();
    const { remoteAddress } = socket;
    const leave =
      open < maxSessions * connectionsPerSession
        ? places.take(remoteAddress, sessionsPerAddress(remoteAddress, limits()) * connectionsPerSession)
        : null;
    if (leave === null) {
      socket.destroy();
      return;
    }
    open++;
    socket.once('close', () => {
      open--;
      leave();
    });
  });
}

/**
 * Closes a connection whose next request comes before the last one is answered. Browsers and proxies wait for the answer,
 * while Node reads thousands of requests out of one piece of a connection, and does nothing else until it is through.
 */
function takeOneRequestAtATime(app: FastifyInstance<Server, IncomingMessage>): void {
  const busy = new WeakSet<Socket>();
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    if (busy.has(socket)) {
      reply.hijack();
      stopReading(socket);
      socket.destroy();
      return;
    }
    busy.add(socket);
    reply.raw.once('close', () => busy.delete(socket));
    done();
  });
}

/** Requests that are begun in one turn of the event loop. */
const requestsPerTurn = 8;

/**
 * Lets pictures and health checks go between requests, however many clients ask at once. Without turns, a hundred connections
 * that each ask again when they are answered make everything else wait for a hundred answers.
 */
function takeTurns(app: FastifyInstance<Server, IncomingMessage>): void {
  const turns = new Turns(requestsPerTurn);
  app.addHook('onRequest', (request, _, done) => {
    if (request.url === '/healthz') {
      done();
    } else {
      turns.take(done);
    }
  });
}

/**
 * Node parses the piece that it has to its end, even if the socket is destroyed meanwhile, and makes objects for each request
 * in it: 15 ms for 64 kB. There is no public way to stop that. Its parser stops after a request for which this handler says 2,
 * as after one that changes the protocol. If a later Node has no such handler, flooding connections cost the 15 ms.
 */
function stopReading(socket: Socket & { parser?: { onIncoming?: () => number } }): void {
  if (socket.parser?.onIncoming !== undefined) {
    socket.parser.onIncoming = () => 2;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

const misunderstood = 'the request cannot be understood';

/** Answers in words of ours: fastify's repeat the address, which may hold a token. */
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
