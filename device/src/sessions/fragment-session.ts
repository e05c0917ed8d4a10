import type { DeviceMessage, MseMessage, SlotStatus } from '../../../src/protocol/messages.ts';
import { MultiStreamSession, type SessionOptions } from './multistream-session.ts';
import type { FileEvents, Outlet, OutletEvents } from './outlet.ts';
import type { SingleStreamOptions } from './single-stream-session.ts';

/** Sends one MP4 file. */
export interface FragmentOutlet extends Outlet {
  /** There is no sound, or no longer. */
  goSilent(): void;
}

export type OpenFragments = (events: OutletEvents, accept: readonly string[], file: FileEvents) => FragmentOutlet;

export interface FragmentOptions extends SingleStreamOptions {
  openFragments: OpenFragments;
}

/** For a client that names none. */
const usualCodecs = 'avc1.640029';

/**
 * One stream as plain fragmented MP4, as go2rtc's players append it to a MediaSource: a wall of one slot, whose messages are
 * translated.
 */
export class FragmentSession {
  readonly #options: FragmentOptions;
  readonly #wall: MultiStreamSession;
  #outlet: FragmentOutlet | null = null;
  /** The codec that the client was told; null before the first picture. */
  #codec: string | null = null;

  constructor(options: FragmentOptions) {
    this.#options = options;
    const openOutlet: SessionOptions['openOutlet'] = (events, accept) => {
      this.#outlet = options.openFragments(events, accept ?? [], {
        begin: (codecs) => this.#begin(codecs),
        changed: () => this.#end('the sound of the camera has changed; ask again'),
      });
      return this.#outlet;
    };
    this.#wall = new MultiStreamSession({ ...options, openOutlet, send: (message) => this.#translate(message) });
  }

  get slots(): SlotStatus[] {
    return this.#wall.slots;
  }

  receive({ value }: MseMessage): void {
    const { source, streams } = this.#options;
    if (source === null || streams.get(source) === undefined) {
      this.#refuse({ code: 'stream-not-found', error: 'stream not found' });
      return;
    }
    // A second request on the same socket begins anew.
    this.#wall.receive({ type: 'multistream/close' });
    this.#codec = null;
    const accept = (value || usualCodecs).split(',').map((codec) => codec.trim());
    this.#wall.receive({ type: 'multistream/init', transport: 'socket', accept, slots: [{ slot: 0, stream: source }] });
    this.#wall.receive({ type: 'multistream/listen', slot: 0 });
  }

  close(): void {
    this.#wall.close();
  }

  #begin(codecs: string): void {
    const [codec = ''] = codecs.split('.');
    if (this.#codec === null) {
      this.#codec = codec;
      this.#options.send({ type: 'mse', value: `video/mp4; codecs="${codecs}"` });
    } else if (this.#codec !== codec) {
      // Its SourceBuffer takes one codec.
      this.#end('the camera has changed its codec; ask again');
    }
  }

  /** Ends the file, later: its outlet is about to write. */
  #end(error: string): void {
    queueMicrotask(() => {
      this.#wall.receive({ type: 'multistream/close' });
      this.#refuse({ error });
    });
  }

  #translate(message: DeviceMessage): void {
    switch (message.type) {
      case 'multistream/answer':
        this.#look(message.slots[0]);
        break;
      case 'multistream/status':
        this.#look(message.status);
        break;
      case 'multistream/listening':
        if (message.error !== undefined) {
          this.#outlet?.goSilent();
        }
        break;
      case 'error':
        this.#refuse({
          error: message.value.replace(/^multistream\/\w+: /, ''),
          ...(message.code && { code: message.code }),
        });
        break;
    }
  }

  #look(status: SlotStatus | undefined): void {
    if (status?.status === 'error' || status?.status === 'offline') {
      this.#refuse(status);
    }
  }

  #refuse({ error = 'the stream cannot be played', code }: Pick<SlotStatus, 'error' | 'code'>): void {
    this.#options.send({ type: 'error', value: `mse: ${error}`, ...(code === undefined ? {} : { code }) });
  }
}
