import { deviceAddress } from './address.ts';
import { ConnectionError } from './errors.ts';

/** The part of a WebSocket that the client uses; tests put a scripted device in its place. */
export type Socket = Pick<
  WebSocket,
  'readyState' | 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror' | 'url' | 'binaryType'
>;
export type SocketFactory = (url: string) => Socket;

export interface SocketEvents {
  onOpen(): void;
  onText(text: string): void;
  onBinary?(data: ArrayBuffer): void;
  /** Not called after `close()`. */
  onClose(error: ConnectionError): void;
}

/** One WebSocket to a device's `/api/ws`, and why it failed. */
export class DeviceSocket {
  readonly #socket: Socket;

  /**
   * @param query such as a token, which stays out of the errors that people read
   * @throws {ConnectionError} `bad-url` or `mixed-content`; all that fails later goes to `events.onClose`.
   */
  constructor(
    deviceUrl: string,
    query: Readonly<Record<string, string>>,
    events: SocketEvents,
    createSocket: SocketFactory = (url) => new WebSocket(url),
  ) {
    const { socket, url } = open(deviceUrl, query, createSocket);
    let opened = false;
    socket.onopen = () => {
      opened = true;
      events.onOpen();
    };
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => (typeof data === 'string' ? events.onText(data) : events.onBinary?.(data));
    socket.onclose = ({ code, reason }) => {
      events.onClose(
        opened ? new ConnectionError('lost', reason || `code ${code}`) : new ConnectionError('unreachable', url),
      );
    };
    this.#socket = socket;
  }

  /** As `WebSocket.readyState`. */
  get state(): number {
    return this.#socket.readyState;
  }

  send(text: string): void {
    if (this.state === WebSocket.OPEN) {
      this.#socket.send(text);
    }
  }

  close(): void {
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    // A device keeps a single stream whose socket closes without a code, as go2rtc's player does at its first picture.
    this.#socket.close(1000);
  }
}

/**
 * Returns the socket, and its address without the query, as people read it.
 * @throws {ConnectionError} `bad-url` or `mixed-content`
 */
function open(
  deviceUrl: string,
  query: Readonly<Record<string, string>>,
  createSocket: SocketFactory,
): { socket: Socket; url: string } {
  let url = deviceUrl;
  try {
    const address = deviceAddress(deviceUrl, 'api/ws');
    address.protocol = address.protocol.replace('http', 'ws');
    if (!address.protocol.startsWith('ws')) {
      throw new TypeError(`${address.protocol} is neither http nor https`);
    }
    url = address.href;
    for (const [name, value] of Object.entries(query)) {
      address.searchParams.set(name, value);
    }
    return { socket: createSocket(address.href), url };
  } catch (cause) {
    const isInsecure = cause instanceof DOMException && cause.name === 'SecurityError';
    throw new ConnectionError(isInsecure ? 'mixed-content' : 'bad-url', url, { cause });
  }
}
