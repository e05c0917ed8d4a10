import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { encode, type Framing } from '../../../src/protocol/codec.ts';
import { decodeClientMessage, RefusedMessage } from '../../../src/protocol/decode-client-message.ts';
import type {
  ClientMessage,
  DeviceMessage,
  SingleStreamMessage,
  SingleStreamReply,
} from '../../../src/protocol/messages.ts';

/** A socket that answers no ping for this long is dead, in milliseconds. */
const pingInterval = 15_000;

/** What speaks over a WebSocket; `close` is called once. */
export interface Conversation {
  receive(message: ClientMessage | SingleStreamMessage): void;
  close(): void;
}

/** Who has opened the WebSocket, and as what. */
export interface Client {
  /** Where the client is; undefined when it is gone already. */
  address: string | undefined;
  /** The stream that its address names, `?src=NAME`; null where it names none. */
  source: string | null;
}

export type StartConversation = (
  send: (message: DeviceMessage | SingleStreamReply) => void,
  client: Client,
) => Conversation;

/** The border to a client: texts in, typed messages on; typed messages out, in the framing the client used last. */
export function converse(socket: WebSocket, client: Client, start: StartConversation, log: Logger): void {
  let framing: Framing = 'flat';
  const send = (message: DeviceMessage | SingleStreamReply) => {
    if (socket.readyState === socket.OPEN) {
      socket.send(encode(message, framing));
    }
  };
  const conversation = start(send, client);

  socket.on('message', (data, isBinary) => {
    try {
      if (isBinary) {
        send({ type: 'error', value: 'the message is binary; messages are JSON text' });
        return;
      }
      const { message, envelope } = decodeClientMessage(String(data));
      framing = envelope.framing ?? framing;
      if (message !== null) {
        conversation.receive(message);
      }
    } catch (error) {
      if (!(error instanceof RefusedMessage)) {
        log.error({ error: (error as Error).stack }, 'a message could not be handled');
      }
      const requestId = error instanceof RefusedMessage ? error.requestId : undefined;
      const value = error instanceof RefusedMessage ? error.message : "internal error; the device's log has it";
      send({ type: 'error', value, ...(requestId === undefined ? {} : { request_id: requestId }) });
    }
  });

  let alive = true;
  socket.on('pong', () => {
    alive = true;
  });
  const pinging = setInterval(() => {
    if (!alive) {
      socket.terminate();
      return;
    }
    alive = false;
    socket.ping();
  }, pingInterval);

  socket.on('close', () => {
    clearInterval(pinging);
    conversation.close();
  });
  // A broken frame: ws closes the socket, and `close` says it.
  socket.on('error', (error) => log.debug({ error: error.message }, 'socket error'));
}
