import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import Fastify from 'fastify';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { Config } from '../config/config.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { converse, type StartConversation } from './connection.ts';
import { isAllowedOrigin } from './origin.ts';
import { servePages } from './pages.ts';
import { serveStreams } from './streams-route.ts';

/** Bytes of a message at the most: an offer of 64 video m-lines is half of it. */
const longestMessage = 64 * 1024;

export interface ServerOptions {
  config: Config;
  streams: StreamRegistry;
  startConversation: StartConversation;
  log: Logger;
}

export interface RunningServer {
  port: number;
  /** Accepts no one any more, ends every conversation, and resolves when all sockets are closed. */
  close(): Promise<void>;
}

/** @throws {NodeJS.ErrnoException} such as EADDRINUSE */
export async function startServer({ config, streams, startConversation, log }: ServerOptions): Promise<RunningServer> {
  const app = Fastify({ forceCloseConnections: true });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false });
  sockets.on('connection', (socket, request: IncomingMessage) => {
    const source = addressOf(request).searchParams.get('src');
    converse(socket, { address: request.socket.remoteAddress, source }, startConversation, log);
  });

  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (addressOf(request).pathname !== '/api/ws') {
      refuse(socket, '404 Not Found', 'the WebSocket is at /api/ws');
    } else if (!isAllowedOrigin(request.headers, config.api.origin)) {
      log.warn({ origin: request.headers.origin }, 'origin refused; api.origin lists those that may open the API');
      refuse(socket, '403 Forbidden', `origin ${request.headers.origin} is not in api.origin`);
    } else {
      sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
    }
  });

  serveStreams(app, streams, config.streams, config.api.origin);
  await servePages(app);
  const { host = '::', port } = config.api.listen;
  await app.listen({ host, port });
  return {
    port: (app.server.address() as AddressInfo).port,
    close: async () => {
      const closed = app.close();
      for (const client of sockets.clients) {
        client.close(1001, 'the device stops');
        client.terminate();
      }
      await closed;
    },
  };
}

function addressOf({ url }: IncomingMessage): URL {
  return new URL(url ?? '/', 'http://device');
}

function refuse(socket: Duplex, status: string, reason: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${reason}\n`);
}
