import fastifyWebsocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Config } from '../config/config.ts';
import { converse, type StartConversation, turnAway } from './connection.ts';
import { addressOf, type Gate } from './gate.ts';
import { Places, sessionsPerAddress } from './places.ts';

/** Bytes that are read at all. A message of a size between this and the longest allowed one is answered with an error. */
const longestFrame = 1024 * 1024;

/** For `ws`, whose types do not know all of them yet. */
const limits = {
  maxPayload: longestFrame,
  /** Parts of one message at the most: a client may send parts without a byte in them. */
  maxFragments: 64,
  perMessageDeflate: false,
  /** Milliseconds that a client has to answer a close. */
  closeTimeout: 1000,
};

export interface SocketOptions {
  gate(): Gate;
  limits(): Config['multistream'];
  startConversation: StartConversation;
  log: Logger;
}

export interface AcceptedSockets {
  /** Dismisses every client whose rights have changed since it came. */
  recheck(): void;
}

/** `/api/ws`: the WebSockets that come in. They end when the server closes. */
export async function acceptSockets(
  app: FastifyInstance,
  { gate, limits, startConversation, log }: SocketOptions,
): Promise<AcceptedSockets> {
  const places = new Places();
  const sessions = new Map<WebSocket, () => void>();

  app.route({
    method: 'GET',
    url: '/api/ws',
    handler: async (_, reply) =>
      reply
        .code(426)
        .headers({ Upgrade: 'websocket', Connection: 'Upgrade' })
        .send({ error: 'this is a WebSocket; a proxy in between has to pass the headers Upgrade and Connection on' }),
    wsHandler: (socket, request) => {
      const address = request.raw.socket.remoteAddress;
      const { maxSessions, maxSlots } = limits();
      const mostOfOne = sessionsPerAddress(address, limits());
      const leave = sessions.size < maxSessions ? places.take(address, mostOfOne) : null;
      if (leave === null) {
        const bound = sessions.size < maxSessions ? `_per_address is ${mostOfOne}` : ` is ${maxSessions}`;
        log.warn({ client: address }, `too many sessions: multistream.max_sessions${bound}`);
        turnAway(socket, `too many sessions: multistream.max_sessions${bound}`);
        return;
      }
      const source = addressOf(request.raw).searchParams.get('src');
      const { maySee, rights } = request.viewer;
      const { dismiss } = converse(socket, { address, source, maySee, maxSlots }, startConversation, log, () => {
        sessions.delete(socket);
        leave();
      });
      sessions.set(socket, () => {
        if (rightsOf(gate(), request) !== rights) {
          dismiss('what you may see has changed; connect again');
        }
      });
    },
  });

  return {
    recheck: () => {
      for (const recheck of [...sessions.values()]) {
        recheck();
      }
    },
  };
}

/** Before every other hook and route, so that they see which requests ask for a WebSocket. */
export async function takeUpgrades(app: FastifyInstance, log: Logger): Promise<void> {
  await app.register(fastifyWebsocket, {
    options: limits,
    // `ws` has closed the socket by then, or it is of no more use.
    errorHandler: (error, socket) => {
      log.debug({ error: error.message }, 'socket error');
      socket.terminate();
    },
    preClose(this: FastifyInstance, done: () => void) {
      for (const client of this.websocketServer.clients) {
        client.close(1001, 'the device stops');
        client.terminate();
      }
      this.websocketServer.close();
      done();
    },
  });
}

/** Null if the client would not be let in any more. */
function rightsOf(gate: Gate, request: FastifyRequest): string | null {
  try {
    return gate.admit(request.raw).rights;
  } catch {
    return null;
  }
}
