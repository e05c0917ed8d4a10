import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Viewer } from './access.ts';
import { converse, type StartConversation, turnAway } from './connection.ts';
import { addressOf, type Gate, Refusal } from './gate.ts';
import { logRefusal } from './gate-hook.ts';

/** Bytes that are read at all; what is longer than a message may be, but not than this, is told so before the close. */
const longestFrame = 1024 * 1024;

export interface SocketOptions {
  gate(): Gate;
  maxSessions(): number;
  maxSlots(): number;
  startConversation: StartConversation;
  log: Logger;
}

export interface AcceptedSockets {
  /** Sends away whoever has other rights now than when they came. */
  recheck(): void;
  close(): void;
}

/** `/api/ws`: the WebSockets that come in, through the same gate as every request. */
export function acceptSockets(
  server: Server,
  { gate, maxSessions, maxSlots, startConversation, log }: SocketOptions,
): AcceptedSockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestFrame, perMessageDeflate: false });
  const rechecks = new Set<() => void>();

  sockets.on('connection', (socket: WebSocket, request: IncomingMessage, viewer: Viewer) => {
    const address = request.socket.remoteAddress;
    if (sockets.clients.size > maxSessions()) {
      log.warn({ client: address, max_sessions: maxSessions() }, 'too many sessions');
      // What is still wrong with a socket that is on its way out matters to nobody.
      socket.on('error', () => {});
      turnAway(socket, `too many sessions: multistream.max_sessions is ${maxSessions()}`);
      return;
    }
    const source = addressOf(request).searchParams.get('src');
    const client = { address, source, maySee: viewer.maySee, maxSlots: maxSlots() };
    const { dismiss } = converse(socket, client, startConversation, log);
    rechecks.add(recheck);
    socket.on('close', () => rechecks.delete(recheck));
    function recheck() {
      if (rightsOf(gate(), request) !== viewer.rights) {
        dismiss('what you may see has changed; connect again');
      }
    }
  });

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (addressOf(request).pathname !== '/api/ws') {
      refuse(socket, '404 Not Found', 'the WebSocket is at /api/ws');
      return;
    }
    try {
      const viewer = gate().admit(request);
      sockets.handleUpgrade(request, socket, head, (webSocket) =>
        sockets.emit('connection', webSocket, request, viewer),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      logRefusal(log, error, request.socket.remoteAddress);
      refuse(
        socket,
        `${error.status} ${error.status === 401 ? 'Unauthorized' : 'Forbidden'}`,
        error.message,
        error.headers,
      );
    }
  });

  return {
    recheck: () => {
      for (const recheck of rechecks) {
        recheck();
      }
    },
    close: () => {
      for (const client of sockets.clients) {
        client.close(1001, 'the device stops');
        client.terminate();
      }
    },
  };
}

/** Null where they are not let in any more. */
function rightsOf(gate: Gate, request: IncomingMessage): string | null {
  try {
    return gate.admit(request).rights;
  } catch {
    return null;
  }
}

function refuse(socket: Duplex, status: string, reason: string, headers: Record<string, string> = {}): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}Content-Type: text/plain\r\nConnection: close\r\n\r\n${reason}\n`);
}
