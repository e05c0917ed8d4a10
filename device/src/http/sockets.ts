import fastifyWebsocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Admission, type Admissions, aboutToEnd } from './admissions.ts';
import { converse, type StartConversation, turnAway } from './connection.ts';
import { addressOf } from './gate.ts';

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
  admissions: Admissions;
  maxSlots(): number;
  startConversation: StartConversation;
  log: Logger;
}

/** `/api/ws`: the WebSockets that come in. They end when the server closes. */
export function acceptSockets(
  app: FastifyInstance,
  { admissions, maxSlots, startConversation, log }: SocketOptions,
): void {
  app.route({
    method: 'GET',
    url: '/api/ws',
    preValidation: async (request, reply) => {
      // Before it is a WebSocket, so that a balancer can ask another device.
      if (admissions.isDraining) {
        return reply.code(503).header('Retry-After', '1').send({ error: aboutToEnd });
      }
      if (!admissions.mayArrive(request)) {
        return reply.code(429).header('Retry-After', '1').send({ error: 'too many new sessions from this address' });
      }
      return undefined;
    },
    handler: async (_, reply) =>
      reply
        .code(426)
        .headers({ Upgrade: 'websocket', Connection: 'Upgrade' })
        .send({ error: 'this is a WebSocket; a proxy in between has to pass the headers Upgrade and Connection on' }),
    wsHandler: (socket, request) => {
      const admission = admissions.enter(request);
      if (!(admission instanceof Admission)) {
        turnAway(socket, admission.reason, admission.code);
        return;
      }
      const source = addressOf(request.raw).searchParams.get('src');
      const { address } = admission;
      const client = {
        ...{ address, source, maySee: request.viewer.maySee, maxSlots: maxSlots() },
        renew: (token: string) => admission.renew(token),
      };
      const { send, dismiss } = converse(socket, client, startConversation, log, () => admission.leave());
      admission.dismiss = dismiss;
      if (source !== null) {
        // A client of go2rtc's does not know what follows.
        return;
      }
      admission.move = () => send({ type: 'multistream/moving', reason: aboutToEnd });
      const expires_in = admission.secondsLeft;
      if (expires_in !== undefined) {
        send({ type: 'multistream/authorized', expires_in });
      }
    },
  });
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
