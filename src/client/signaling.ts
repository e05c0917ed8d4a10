import type { Framing } from '../protocol/codec.ts';
import { encode } from '../protocol/codec.ts';
import { decodeDeviceMessage } from '../protocol/decode-device-message.ts';
import type { ClientMessage, DeviceMessage } from '../protocol/messages.ts';
import { ProtocolError } from '../protocol/protocol-error.ts';
import type { ConnectionError } from './errors.ts';
import { DeviceSocket, type SocketFactory } from './socket.ts';

export interface SignalingEvents {
  onOpen(): void;
  onMessage(message: DeviceMessage): void;
  onBinary(data: ArrayBuffer): void;
  /** A text that could not be read. The connection lives on. */
  onProtocolError(error: ProtocolError): void;
  /** Not called after `close()`. */
  onClose(error: ConnectionError): void;
}

type Requests = Extract<ClientMessage, { request_id?: string }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'request_id'> : never;

/** The control channel: one WebSocket, seen as typed messages. */
export class Signaling {
  readonly #socket: DeviceSocket;
  /** `both` until the first reply tells which framing the device reads. */
  #framing: Framing = 'both';
  #requests = 0;

  /** @throws {ConnectionError} `bad-url` or `mixed-content`; all that fails later goes to `events.onClose`. */
  constructor(deviceUrl: string, token: string, events: SignalingEvents, createSocket?: SocketFactory) {
    const onText = (text: string) => {
      try {
        const { message, framing } = decodeDeviceMessage(text);
        if (this.#framing === 'both') {
          this.#framing = framing ?? 'both';
        }
        if (message) {
          events.onMessage(message);
        }
      } catch (error) {
        if (!(error instanceof ProtocolError)) {
          throw error;
        }
        events.onProtocolError(error);
      }
    };
    this.#socket = new DeviceSocket(deviceUrl, token ? { token } : {}, { ...events, onText }, createSocket);
  }

  /** As `WebSocket.readyState`. */
  get state(): number {
    return this.#socket.state;
  }

  send(message: ClientMessage): void {
    this.#socket.send(encode(message, this.#framing));
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
    this.#socket.close();
  }
}
