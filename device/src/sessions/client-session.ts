import type {
  ClientMessage,
  SingleStreamMessage,
  SingleStreamReply,
  SlotStatus,
} from '../../../src/protocol/messages.ts';
import { FragmentSession, type OpenFragments } from './fragment-session.ts';
import { type JpegOptions, JpegSession } from './jpeg-session.ts';
import { MultiStreamSession, type SessionOptions } from './multistream-session.ts';
import { SingleStreamSession } from './single-stream-session.ts';

export interface ClientSessionOptions extends SessionOptions, Pick<JpegOptions, 'takeStill' | 'sendPicture'> {
  /** The stream that the WebSocket's address names; null where it names none. */
  source: string | null;
  openFragments: OpenFragments;
  send(message: Parameters<SessionOptions['send']>[0] | SingleStreamReply): void;
}

/** Serves one WebSocket: a wall, or one stream as go2rtc's clients ask for it. As in go2rtc, each message says which. */
export class ClientSession {
  readonly #wall: MultiStreamSession;
  readonly #single: SingleStreamSession;
  readonly #fragments: FragmentSession;
  readonly #jpegs: JpegSession;

  constructor(options: ClientSessionOptions) {
    this.#wall = new MultiStreamSession(options);
    this.#single = new SingleStreamSession(options);
    this.#fragments = new FragmentSession(options);
    this.#jpegs = new JpegSession(options);
  }

  get slots(): SlotStatus[] {
    return [...this.#wall.slots, ...this.#single.slots, ...this.#fragments.slots];
  }

  get estimate(): number | null {
    return this.#wall.estimate ?? this.#single.estimate;
  }

  receive(message: ClientMessage | SingleStreamMessage): void {
    if (message.type === 'webrtc' || message.type === 'webrtc/offer' || message.type === 'webrtc/candidate') {
      this.#single.receive(message);
    } else if (message.type === 'mse') {
      this.#fragments.receive(message);
    } else if (message.type === 'mjpeg') {
      this.#jpegs.receive(message);
    } else {
      this.#wall.receive(message);
    }
  }

  /** The client has closed its socket: its wall ends, a single stream plays on. @param over is called when that ends */
  leave(over: () => void): void {
    this.#wall.close();
    this.#fragments.close();
    this.#jpegs.close();
    this.#single.leave(over);
  }

  close(): void {
    this.#wall.close();
    this.#fragments.close();
    this.#jpegs.close();
    this.#single.close();
  }
}
