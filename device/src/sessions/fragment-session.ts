import type { DeviceMessage, MseMessage, SlotStatus } from '../../../src/protocol/messages.ts';
import { MultiStreamSession, type SessionOptions } from './multistream-session.ts';
import type { Outlet, OutletEvents } from './outlet.ts';
import type { SingleStreamOptions } from './single-stream-session.ts';

/** @param begin is told the codecs before the init segment that they describe */
export type OpenFragments = (
  events: OutletEvents,
  accept: readonly string[],
  begin: (codecs: string) => void,
) => Outlet;

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
  /** The codec that the client was told; null before the first picture. */
  #codec: string | null = null;

  constructor(options: FragmentOptions) {
    this.#options = options;
    const openOutlet: SessionOptions['openOutlet'] = (events, accept) =>
      options.openFragments(events, accept ?? [], (codecs) => this.#begin(codecs));
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
      // Its SourceBuffer takes one codec. Later, since the track is about to write.
      queueMicrotask(() => {
        this.#wall.receive({ type: 'multistream/close' });
        this.#refuse({ error: 'the camera has changed its codec; ask again' });
      });
    }
  }

  #translate(message: DeviceMessage): void {
    switch (message.type) {
      case 'multistream/answer':
        this.#look(message.slots[0]);
        break;
      case 'multistream/status':
        this.#look(message.status);
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
