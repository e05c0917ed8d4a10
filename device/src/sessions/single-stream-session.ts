import type {
  DeviceMessage,
  SingleStreamMessage,
  SingleStreamReply,
  SlotStatus,
} from '../../../src/protocol/messages.ts';
import { MultiStreamSession, type SessionOptions } from './multistream-session.ts';

export interface SingleStreamOptions extends Omit<SessionOptions, 'send'> {
  /** The stream to play; null where the client named none. */
  source: string | null;
  send(reply: SingleStreamReply): void;
}

/** One stream, asked for in go2rtc's words: a wall of one slot, whose messages are translated. */
export class SingleStreamSession {
  readonly #options: SingleStreamOptions;
  readonly #wall: MultiStreamSession;
  /** Is told when the connection ends that has outlived its socket; null before that. */
  #over: (() => void) | null = null;

  constructor(options: SingleStreamOptions) {
    this.#options = options;
    this.#wall = new MultiStreamSession({ ...options, send: (message) => this.#translate(message) });
  }

  get slots(): SlotStatus[] {
    return this.#wall.slots;
  }

  get estimate(): number | null {
    return this.#wall.estimate;
  }

  receive({ type, value }: SingleStreamMessage): void {
    if (type === 'webrtc/candidate') {
      this.#wall.receive({ type: 'multistream/ice', candidate: value });
      return;
    }
    const { source, streams } = this.#options;
    if (source === null || streams.get(source) === undefined) {
      this.#refuse({ code: 'stream-not-found', error: 'stream not found' });
      return;
    }
    // A second offer on the same socket begins anew.
    this.#wall.receive({ type: 'multistream/close' });
    this.#wall.receive({ type: 'multistream/init', slots: [{ slot: 0, stream: source }] });
    this.#wall.receive({ type: 'multistream/offer', sdp: value });
  }

  /**
   * The client has closed its socket. go2rtc's own player does so at its first picture, and plays on until the connection
   * ends.
   */
  leave(over: () => void): void {
    if (this.#wall.isNegotiated) {
      this.#over = over;
    } else {
      this.close();
      over();
    }
  }

  close(): void {
    this.#over = null;
    this.#wall.close();
  }

  #translate(message: DeviceMessage): void {
    switch (message.type) {
      case 'multistream/answer': {
        const [slot] = message.slots;
        if (slot?.status === 'error') {
          this.#refuse(slot);
        } else {
          this.#options.send({ type: 'webrtc/answer', value: message.sdp });
        }
        break;
      }
      case 'multistream/ice':
        this.#options.send({ type: 'webrtc/candidate', value: message.value });
        break;
      case 'multistream/disconnected':
        this.#refuse({ error: message.reason });
        this.#over?.();
        break;
      case 'error':
        this.#options.send({ ...message, value: message.value.replace(/^multistream\/(ice|\w+)/, toGo2rtc) });
        break;
    }
  }

  #refuse({ error = 'the stream cannot be played', code }: Pick<SlotStatus, 'error' | 'code'>): void {
    this.#options.send({ type: 'error', value: `webrtc/offer: ${error}`, ...(code === undefined ? {} : { code }) });
  }
}

/** An error begins with the type of the message that it answers. */
function toGo2rtc(_: string, type: string): string {
  return type === 'ice' ? 'webrtc/candidate' : 'webrtc/offer';
}
