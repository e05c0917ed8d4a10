import fastifyWebsocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { encode } from '../../../src/protocol/codec.ts';
import type { Config } from '../config/config.ts';
import type { Viewer } from './access.ts';
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
  const sessions = new Map<WebSocket, Held>();
  // By the clock, and not by a timer for each: a clock may be set, and a timer cannot wait for a month.
  const watch = setInterval(() => {
    for (const { viewer, dismiss } of [...sessions.values()]) {
      if ((viewer.expiresAt ?? Number.POSITIVE_INFINITY) <= Date.now()) {
        dismiss('the token has expired');
      }
    }
  }, 500);
  app.addHook('onClose', async () => clearInterval(watch));

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
      const { maySee } = request.viewer;
      const client = {
        address,
        source,
        maySee,
        maxSlots,
        renew: async (token: string) => {
          const viewer = await gate().admit(request.raw, token);
          const held = sessions.get(socket);
          if (held !== undefined) {
            held.renewed = token;
            compare(held, viewer);
          }
          return secondsLeft(viewer);
        },
      };
      const { dismiss } = converse(socket, client, startConversation, log, () => {
        sessions.delete(socket);
        leave();
      });
      sessions.set(socket, { request, viewer: request.viewer, dismiss });
      const expires_in = secondsLeft(request.viewer);
      // A client of go2rtc's, which names a stream, does not know the message.
      if (expires_in !== undefined && source === null) {
        socket.send(encode({ type: 'multistream/authorized', expires_in }, 'flat'));
      }
    },
  });

  return {
    recheck: () => {
      for (const held of [...sessions.values()]) {
        gate()
          .identify(held.request.raw, held.renewed)
          .then(
            (viewer) => compare(held, viewer),
            () => held.dismiss(changed),
          );
      }
    },
  };
}

/** A client that is here, and the rights with which it came. */
interface Held {
  readonly request: FastifyRequest;
  viewer: Viewer;
  /** The newest token that it has sent since. */
  renewed?: string;
  dismiss(reason: string): void;
}

const changed = 'what you may see has changed; connect again';

/** A session goes on as long as its rights are the same: what is shown may not be for the new ones. */
function compare(held: Held, viewer: Viewer): void {
  if (viewer.rights === held.viewer.rights) {
    held.viewer = viewer;
  } else {
    held.dismiss(changed);
  }
}

function secondsLeft({ expiresAt }: Viewer): number | undefined {
  return expiresAt === undefined ? undefined : Math.max(Math.floor((expiresAt - Date.now()) / 1000), 0);
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
