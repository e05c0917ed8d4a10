import type { Framing } from '../protocol/codec.ts';
import { encode } from '../protocol/codec.ts';
import { decodeDeviceMessage } from '../protocol/decode-device-message.ts';
import type { ClientMessage, DeviceMessage } from '../protocol/messages.ts';
import { ProtocolError } from '../protocol/protocol-error.ts';
import { ConnectionError } from './errors.ts';

/** What is used of a WebSocket; tests put a scripted device in its place. */
export type Socket = Pick<
  WebSocket,
  'readyState' | 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror' | 'url'
>;
export type SocketFactory = (url: string) => Socket;

export interface SignalingEvents {
  onOpen(): void;
  onMessage(message: DeviceMessage): void;
  /** A text that could not be read. The connection lives on. */
  onProtocolError(error: ProtocolError): void;
  /** Not called after `close()`. */
  onClose(error: ConnectionError): void;
}

type Requests = Extract<ClientMessage, { request_id?: string }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'request_id'> : never;

/** The control channel: one WebSocket, seen as typed messages. */
export class Signaling {
  readonly #socket: Socket;
  /** `both` until the first reply tells which framing the device reads. */
  #framing: Framing = 'both';
  #requests = 0;

  /** @throws {ConnectionError} `bad-url` or `mixed-content`; all that fails later goes to `events.onClose`. */
  constructor(
    deviceUrl: string,
    events: SignalingEvents,
    createSocket: SocketFactory = (url) => new WebSocket(url),
    token = '',
  ) {
    const url = socketUrl(deviceUrl);
    // Not in `url`, which people read in errors.
    const socket = open(
      token ? `${url}${url.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}` : url,
      createSocket,
    );
    let opened = false;
    socket.onopen = () => {
      opened = true;
      events.onOpen();
    };
    socket.onmessage = ({ data }) => {
      const message = this.#decode(String(data), events);
      if (message !== null) {
        events.onMessage(message);
      }
    };
    socket.onclose = ({ code, reason }) => {
      events.onClose(opened ? ConnectionError.lost(reason || `code ${code}`) : ConnectionError.unreachable(url));
    };
    this.#socket = socket;
  }

  /** As `WebSocket.readyState`. */
  get state(): number {
    return this.#socket.readyState;
  }

  send(message: ClientMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(encode(message, this.#framing));
    }
  }

  /** Sends with a fresh request id and returns it. */
  request(message: WithoutId<Requests>): string {
    // A counter, since crypto.randomUUID is missing on the plain-http pages that devices in a local network serve.
    this.#requests += 1;
    const request_id = String(this.#requests);
    this.send({ ...message, request_id } as ClientMessage);
    return request_id;
  }

  close(): void {
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
  }

  #decode(text: string, events: SignalingEvents): DeviceMessage | null {
    try {
      const { message, framing } = decodeDeviceMessage(text);
      if (this.#framing === 'both' && framing !== undefined) {
        this.#framing = framing;
      }
      return message;
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      events.onProtocolError(error);
      return null;
    }
  }
}

/**
 * `https://host/prefix` → `wss://host/prefix/api/ws`; an empty URL is the page's own origin.
 * @throws {ConnectionError} `bad-url`
 */
export function socketUrl(deviceUrl: string): string {
  try {
    // Without a trailing slash, `new URL` would replace the last part of the path.
    const url = new URL(deviceUrl === '' ? location.origin : deviceUrl, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
      throw new TypeError(`${url.protocol} is neither http nor https`);
    }
    url.pathname = `${url.pathname.replace(/\/$/, '')}/api/ws`;
    url.hash = '';
    return url.href;
  } catch (cause) {
    throw ConnectionError.badUrl(deviceUrl, cause);
  }
}

function open(url: string, createSocket: SocketFactory): Socket {
  try {
    return createSocket(url);
  } catch (cause) {
    throw cause instanceof DOMException && cause.name === 'SecurityError'
      ? ConnectionError.mixedContent(url, cause)
      : ConnectionError.badUrl(url, cause);
  }
}
