import { isDeepStrictEqual } from 'node:util';
import type {
  DeviceMessage,
  MjpegMessage,
  MseMessage,
  ShapeMessage,
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
  /** The type of the last offer, which its answer and its errors follow. */
  #offered: 'webrtc' | 'webrtc/offer' = 'webrtc/offer';
  #tellsShape = false;
  /** The shape that the client was told. */
  #told: ShapeMessage | null = null;
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

  receive(message: Exclude<SingleStreamMessage, MseMessage | MjpegMessage>): void {
    if (message.type === 'webrtc/candidate') {
      this.#wall.receive({ type: 'multistream/ice', candidate: message.value });
      return;
    }
    this.#offered = message.type;
    this.#told = null;
    this.#tellsShape = message.type === 'webrtc/offer' && message.shape === true;
    const { source, streams } = this.#options;
    if (source === null || streams.get(source) === undefined) {
      this.#refuse({ code: 'stream-not-found', error: 'stream not found' });
      return;
    }
    // A second offer on the same socket begins anew.
    this.#wall.receive({ type: 'multistream/close' });
    this.#wall.receive({ type: 'multistream/init', slots: [{ slot: 0, stream: source }] });
    this.#wall.receive({ type: 'multistream/offer', sdp: message.type === 'webrtc' ? message.sdp : message.value });
    if (this.#wall.isNegotiated) {
      // Its sound goes on the audio m-line of the offer, if there is one.
      this.#wall.receive({ type: 'multistream/listen', slot: 0 });
    }
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
        const { sdp = '' } = message;
        const [slot] = message.slots;
        if (slot?.status === 'error') {
          this.#refuse(slot);
        } else {
          this.#options.send(
            this.#offered === 'webrtc'
              ? { type: 'webrtc', value: { type: 'answer', sdp } }
              : { type: 'webrtc/answer', value: sdp },
          );
          this.#tellShape(slot);
        }
        break;
      }
      case 'multistream/status':
        this.#tellShape(message.status);
        break;
      case 'multistream/ice':
        this.#options.send({ type: 'webrtc/candidate', value: message.value });
        break;
      case 'multistream/disconnected':
        this.#refuse({ error: message.reason });
        this.#over?.();
        break;
      case 'error':
        this.#options.send({
          ...message,
          value: message.value.replace(/^multistream\/(\w+)/, (_, type) =>
            type === 'ice' ? 'webrtc/candidate' : this.#offered,
          ),
        });
        break;
    }
  }

  #tellShape({ width, height, display_width = width }: Partial<SlotStatus> = {}): void {
    if (!this.#tellsShape || width === undefined || height === undefined || display_width === undefined) {
      return;
    }
    const shape = { type: 'webrtc/shape', width, height, display_width } as const;
    if (!isDeepStrictEqual(shape, this.#told)) {
      this.#told = shape;
      this.#options.send(shape);
    }
  }

  #refuse({ error = 'the stream cannot be played', code }: Pick<SlotStatus, 'error' | 'code'>): void {
    this.#options.send({ type: 'error', value: `${this.#offered}: ${error}`, ...(code === undefined ? {} : { code }) });
  }
}
