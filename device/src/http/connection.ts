import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import { encode, type Framing } from '../../../src/protocol/codec.ts';
import { decodeClientMessage, RefusedMessage } from '../../../src/protocol/decode-client-message.ts';
import type {
  AuthorizedMessage,
  AuthorizeMessage,
  ClientMessage,
  DeviceMessage,
  ErrorCode,
  ErrorMessage,
  SingleStreamMessage,
  SingleStreamReply,
} from '../../../src/protocol/messages.ts';
import type { BinaryChannel } from '../binary-channel.ts';
import { TokenBucket } from '../token-bucket.ts';
import type { MaySee } from './access.ts';

/** Bytes of a message at the most, where the wall is an ordinary one. */
const usualMessage = 64 * 1024;
/** Bytes of an offer for each of its slots: Chromium 156 writes 5.3 kB where it offers all that it knows. */
const offeredSlot = 6 * 1024;
/** Messages that a client may send: so many a second, and so many at once. */
export const newMessageBudget = (): TokenBucket => new TokenBucket(50, 100);
/** A message counts as one for each of so many parts of the longest one: it costs as much as it is long. */
const partsOfLongest = 16;
/** A WebSocket's close code (RFC 6455 section 7.4.1): what came in is not what was agreed. */
const policyViolation = 1008;

/** A socket that answers no ping for this long is dead, in milliseconds. */
const pingInterval = 15_000;

/** Bytes that may wait for a client that does not read; a session's messages are a few kB. */
const longestBacklog = 1024 * 1024;

/** One party of a WebSocket. */
export interface Conversation {
  receive(message: Exclude<ClientMessage, AuthorizeMessage> | SingleStreamMessage): void;
  /** The client's socket is closed, and the client may play on. @param over is called, at once or later, when nothing of it goes on */
  leave(over: () => void): void;
  /** Ends everything, also what goes on without the socket. */
  close(): void;
}

/** The client that has opened the WebSocket. */
export interface Client {
  /** IP address; undefined when the client is gone already. */
  address: string | undefined;
  /** The stream that its address names, `?src=NAME`; null where it names none. */
  source: string | null;
  /** Whether its credentials are good for a stream. */
  maySee: MaySee;
  /** Slots that it may ask for. */
  maxSlots: number;
  /**
   * Replaces the client's token by a newer one.
   * @returns seconds until it expires; undefined if it does not
   * @throws {Refusal}
   */
  renew(token: string): Promise<number | undefined>;
  /** Is told once the device's last candidate was sent: the answer of a client that takes no candidates waits for it. */
  gathered?: () => void;
}

export type StartConversation = (
  send: (message: DeviceMessage | SingleStreamReply) => void,
  client: Client,
  /** Absent where the client has no socket. */
  channel?: BinaryChannel,
) => Conversation;

/**
 * The border to a client: texts in, typed messages on; typed messages out, in the framing the client used last.
 * @param ended is called when the session is over, which may be before the socket is closed
 * @returns ways to say something to the client, and to end it from our side
 */
export function converse(
  socket: WebSocket,
  client: Client,
  start: StartConversation,
  log: Logger,
  ended: () => void,
): { send(message: DeviceMessage): void; dismiss(reason: string, code?: ErrorCode): void } {
  let framing: Framing = 'flat';
  const channel = new PictureChannel(socket);
  const send = (message: DeviceMessage | SingleStreamReply) => {
    if (socket.readyState !== socket.OPEN) {
      return;
    }
    if (socket.bufferedAmount - channel.backlog > longestBacklog) {
      log.warn({ client: client.address }, 'client dismissed: it does not read what it is sent');
      socket.terminate();
      return;
    }
    socket.send(encode(message, framing));
  };
  const conversation = start(send, client, channel);
  const longestMessage = Math.max(usualMessage, client.maxSlots * offeredSlot);
  const budget = newMessageBudget();
  let dismissed = false;
  /** Ends the session at once, and not when the client has closed its side. */
  const dismiss = (reason: string, code?: ErrorCode) => {
    log.warn({ client: client.address, reason }, 'client dismissed');
    dismissed = true;
    end();
    turnAway(socket, reason, code);
  };

  /** Pings and pongs count, too: each costs as much as a short message. */
  const isWithinBudget = (count = 1) => {
    if (!dismissed && !budget.take(undefined, count)) {
      dismiss('too many messages: 50 a second at most', 'too-many-messages');
      // Reading on would cost what the flood costs; the socket is closed without the client's answer then.
      socket.pause();
    }
    return !dismissed;
  };

  const renew = ({ token, request_id }: AuthorizeMessage) => {
    const answer = (message: AuthorizedMessage | ErrorMessage) =>
      send({ ...message, ...(request_id && { request_id }) });
    client.renew(token).then(
      (expires_in) => answer({ type: 'multistream/authorized', ...(expires_in === undefined ? {} : { expires_in }) }),
      (error: Error) =>
        answer({ type: 'error', value: `multistream/authorize: ${error.message}`, code: 'unauthorized' }),
    );
  };

  socket.on('message', (data, isBinary) => {
    if (!isWithinBudget(Math.min(partsOfLongest, Math.ceil((partsOfLongest * size(data)) / longestMessage)) || 1)) {
      return;
    }
    if (size(data) > longestMessage) {
      dismiss(`the message is too long: ${longestMessage} bytes at most`, 'invalid-message');
      return;
    }
    try {
      if (isBinary) {
        send({ type: 'error', value: 'the message is binary; messages are JSON text', code: 'invalid-message' });
        return;
      }
      const { message, envelope } = decodeClientMessage(String(data));
      framing = envelope.framing ?? framing;
      if (message?.type === 'multistream/authorize') {
        renew(message);
      } else if (message !== null) {
        conversation.receive(message);
      }
    } catch (error) {
      if (!(error instanceof RefusedMessage)) {
        log.error({ error: (error as Error).stack }, 'a message could not be handled');
      }
      const refused = error instanceof RefusedMessage ? error : null;
      send({
        type: 'error',
        value: refused?.message ?? "internal error; the device's log has it",
        ...(refused === null ? {} : { code: refused.code }),
        ...(refused?.requestId === undefined ? {} : { request_id: refused.requestId }),
      });
    }
  });

  let alive = true;
  socket.on('ping', () => isWithinBudget());
  socket.on('pong', (mark) => {
    if (channel.arrived(mark)) {
      alive = true;
    } else {
      isWithinBudget();
    }
  });
  const pinging = setInterval(() => {
    if (!alive) {
      socket.terminate();
      return;
    }
    alive = false;
    channel.ping(() => {});
  }, pingInterval);

  let isOver = false;
  const over = () => {
    if (!isOver) {
      isOver = true;
      ended();
    }
  };
  const end = () => {
    clearInterval(pinging);
    if (!isOver) {
      conversation.close();
      over();
    }
  };
  socket.on('close', (code) => {
    clearInterval(pinging);
    if (isOver) {
      return;
    }
    if (goodbyes.includes(code)) {
      conversation.close();
      over();
    } else {
      conversation.leave(over);
    }
  });
  // After a broken frame `ws` closes the socket itself.
  socket.on('error', (error) => log.debug({ error: error.message }, 'socket error'));
  return { send, dismiss };
}

/** Bytes by which a ping is known. A client that could guess them would answer without reading, and be sent ever more. */
const markBytes = 8;

/** Pictures on a client's socket. They bound themselves by its pings, so they are no part of the backlog of messages. */
class PictureChannel implements BinaryChannel {
  /** Bytes that the system has not taken yet. */
  backlog = 0;
  readonly #socket: WebSocket;
  /** The pings that have no answer yet, in order, by the mark that each carries. */
  readonly #pings = new Map<string, () => void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(parts: readonly Uint8Array[]): void {
    if (this.#socket.readyState !== this.#socket.OPEN) {
      return;
    }
    const data = Buffer.concat(parts);
    this.backlog += data.length;
    this.#socket.send(data, { binary: true }, () => {
      this.backlog -= data.length;
    });
  }

  ping(arrived: () => void): void {
    if (this.#socket.readyState === this.#socket.OPEN) {
      const mark = randomBytes(markBytes);
      this.#pings.set(mark.toString('latin1'), arrived);
      this.#socket.ping(mark);
    }
  }

  /** @returns whether the pong answers a ping of ours, which it does once */
  arrived(mark: Buffer): boolean {
    const name = mark.toString('latin1');
    if (!this.#pings.has(name)) {
      return false;
    }
    // A client may answer the newest of several pings alone (RFC 6455 section 5.5.3): it has what came before the others, too.
    for (const [ping, arrived] of this.#pings) {
      this.#pings.delete(ping);
      arrived();
      if (ping === name) {
        break;
      }
    }
    return true;
  }
}

/**
 * Codes by which a client says that it needs nothing any more: it closed normally, or its page is gone (RFC 6455 section
 * 7.4.1). go2rtc's player, which plays on without its socket, closes it without a code.
 */
const goodbyes = [1000, 1001];

/** Tells the client the reason, and closes. */
export function turnAway(socket: WebSocket, reason: string, code?: ErrorCode): void {
  socket.send(encode({ type: 'error', value: reason, ...(code && { code }) }, 'flat'));
  socket.close(policyViolation, reason);
}

function size(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, part) => sum + part.length, 0) : data.byteLength;
}
