import type { Logger } from 'pino';
import type {
  ClientMessage,
  DeviceMessage,
  IceServer,
  InitMessage,
  KeyframeMessage,
  ListenMessage,
  OfferMessage,
  PrepareMessage,
  SlotStatus,
} from '../../../src/protocol/messages.ts';
import { resolveStreamName } from '../../../src/protocol/stream-name.ts';
import type { Takes } from '../streams/reading.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { Ear } from './ear.ts';
import { LinkWatch } from './link-watch.ts';
import type { LineFault, OpenOutlet, Outlet, OutletState } from './outlet.ts';
import { PreparedStreams } from './prepared-streams.ts';
import { SessionError } from './session-error.ts';
import { Slot } from './slot.ts';
import type { TellStatus } from './slot-reporter.ts';

/** How long a connection may be without contact before its session is released, in milliseconds. */
const grace = 10_000;

export interface SessionOptions {
  streams: StreamRegistry;
  maxSlots: number;
  /** The relays that a browser is told of. */
  iceServers: IceServer[];
  /** Whether slots are taken to smaller variants while the viewer's link cannot carry them. */
  adaptive: boolean;
  openOutlet: OpenOutlet;
  send(message: DeviceMessage): void;
  log: Logger;
}

/** `ready`: slots, no connection yet. A session that was released is `new` again, on the same WebSocket. */
type SessionState = 'new' | 'ready' | 'negotiated' | 'closed';

/** One client's wall: its slots and the one connection that carries them. */
export class MultiStreamSession {
  readonly #options: SessionOptions;
  #state: SessionState = 'new';
  #slots = new Map<number, Slot>();
  #outlet: Outlet | null = null;
  #link: LinkWatch | null = null;
  readonly #prepared: PreparedStreams;
  /** Null before there is a connection. */
  #ear: Ear | null = null;
  #grace: NodeJS.Timeout | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#prepared = new PreparedStreams(options.streams, options.maxSlots);
  }

  get slots(): SlotStatus[] {
    return Array.from(this.#slots.values(), ({ status }) => status);
  }

  /** Whether there is a connection, or one on its way. */
  get isNegotiated(): boolean {
    return this.#state === 'negotiated';
  }

  /** Bitrate that the viewer expects of its link, in bits a second; null if it has not said. */
  get estimate(): number | null {
    return this.#link?.estimate ?? null;
  }

  /** A message that cannot be followed is answered with an error and changes nothing. */
  receive(message: ClientMessage): void {
    if (this.#state === 'closed') {
      return;
    }
    try {
      this.#follow(message);
    } catch (error) {
      if (!(error instanceof SessionError)) {
        throw error;
      }
      const requestId = 'request_id' in message ? message.request_id : undefined;
      const value = `${message.type}: ${error.message}`;
      this.#options.send({ type: 'error', value, code: error.code, ...echo(requestId) });
      if (error.code === 'invalid-slot' && 'slot' in message) {
        // The multistream fork of go2rtc answers with a status, and its client waits five seconds for one.
        const status: SlotStatus = {
          ...{ slot: message.slot, stream: '', status: 'error', error: 'invalid slot index', code: error.code },
        };
        this.#options.send({ type: 'multistream/status', slot: message.slot, status });
      }
    }
  }

  close(): void {
    this.#release();
    this.#state = 'closed';
  }

  #follow(message: ClientMessage): void {
    switch (message.type) {
      case 'multistream/init':
        this.#init(message);
        break;
      case 'multistream/offer':
        this.#offer(message);
        break;
      case 'multistream/switch':
        this.#slot(message.slot).want(toWish(message), message.request_id);
        break;
      case 'multistream/pause':
        this.#slot(message.slot).pause(message.request_id);
        break;
      case 'multistream/resume':
        this.#slot(message.slot).resume(toWish(message), message.request_id);
        break;
      case 'multistream/keyframe':
        this.#refresh(message);
        break;
      case 'multistream/prepare':
        this.#prepare(message);
        break;
      case 'multistream/listen':
        this.#listen(message);
        break;
      case 'multistream/ice':
        if (this.#outlet === null) {
          throw new SessionError('no-session', 'session not initialized');
        }
        this.#outlet.addCandidate(message.candidate);
        break;
      case 'multistream/close':
        this.#release();
        break;
    }
  }

  #init({ slots, request_id, transport, accept = [] }: InitMessage): void {
    const { streams, maxSlots, iceServers, send } = this.#options;
    if (this.#state !== 'new') {
      throw new SessionError('session-exists', 'session already initialized');
    }
    if (slots.length > maxSlots) {
      throw new SessionError('too-many-slots', `too many slots requested (${slots.length} of at most ${maxSlots})`);
    }
    for (const { slot: index, ...wish } of slots) {
      const tell: TellStatus = (status, requestId) => {
        // Until the answer is sent, statuses travel inside it.
        if (this.#state === 'negotiated') {
          this.#ear?.review(index);
          send({ type: 'multistream/status', slot: index, status, ...echo(requestId) });
        }
      };
      const slot = new Slot(index, streams, tell);
      this.#slots.set(index, slot);
      // The streams start while the browser still makes its offer.
      slot.want(wish);
    }
    this.#state = 'ready';
    send({
      type: 'multistream/ready',
      slots: slots.length,
      max_slots: maxSlots,
      audio: true,
      ...(iceServers.length > 0 ? { ice_servers: iceServers } : {}),
      ...(transport === undefined ? {} : { transport }),
      ...echo(request_id),
    });
    if (transport === 'socket') {
      this.#connect('', accept, request_id);
    }
  }

  #offer({ sdp, request_id }: OfferMessage): void {
    if (this.#state !== 'ready') {
      throw this.#state === 'new'
        ? new SessionError('no-session', 'session not initialized')
        : new SessionError('session-exists', 'session already initialized');
    }
    this.#connect(sdp, null, request_id);
  }

  /** @param accept for pictures over the WebSocket; null: over WebRTC */
  #connect(offer: string, accept: readonly string[] | null, requestId: string | undefined): void {
    const slots = [...this.#slots.values()];
    const outlet = this.#options.openOutlet(
      {
        candidate: (value) => this.#options.send({ type: 'multistream/ice', value }),
        state: (state) => this.#outlet === outlet && this.#outletState(state),
        report: (report) => this.#link?.hearReport(report),
        estimate: (bitrate) => this.#link?.hearEstimate(bitrate),
      },
      accept,
    );
    try {
      const { sdp, tracks, sound } = outlet.answer(
        offer,
        Array.from(this.#slots, ([index, slot]) => ({
          slot: index,
          open: () => slot.opened(),
          wantsKeyframe: () => slot.refresh('decoder'),
        })),
      );
      for (const [index, slot] of slots.entries()) {
        const track = tracks[index] ?? 'no-line';
        if (typeof track === 'string') {
          slot.refuse({ code: track, error: faultTexts[track] });
        } else {
          slot.attach(track);
        }
      }
      this.#outlet = outlet;
      this.#state = 'negotiated';
      this.#ear = new Ear(sound, (message) => this.#options.send(message));
      this.#link = new LinkWatch(this.#slots, {
        adaptive: this.#options.adaptive,
        pace: (rate) => outlet.pace(rate),
      });
      this.#options.send({
        type: 'multistream/answer',
        ...(sdp === '' ? {} : { sdp }),
        slots: slots.map(({ status }) => status),
        ...echo(requestId),
      });
    } catch (error) {
      outlet.close();
      throw new SessionError('invalid-offer', (error as Error).message);
    }
  }

  #refresh({ slot: index, request_id }: KeyframeMessage): void {
    for (const slot of index === -1 ? this.#slots.values() : [this.#slot(index)]) {
      slot.refresh('viewer');
    }
    this.#options.send({ type: 'multistream/keyframe', slot: index, status: 'requested', ...echo(request_id) });
  }

  #prepare({ streams, left = [], request_id }: PrepareMessage): void {
    if (this.#state === 'new') {
      throw new SessionError('no-session', 'no active session');
    }
    const { maxSlots } = this.#options;
    if (streams.length > maxSlots) {
      throw new SessionError(
        'too-many-slots',
        `too many streams to prepare (${streams.length} of at most ${maxSlots})`,
      );
    }
    // One browser takes the same on every track. Before the offer nothing is known of it.
    const [slot] = this.#slots.values();
    const takes: Takes = (format) => slot?.takes(format) ?? true;
    const prepared = streams.map(({ stream, quality }) =>
      this.#prepared.add(resolveStreamName(stream, quality), takes),
    );
    for (const { stream, quality } of left) {
      this.#prepared.leave(resolveStreamName(stream, quality));
    }
    this.#options.send({ type: 'multistream/prepared', streams: prepared, ...echo(request_id) });
  }

  #listen({ slot: index, request_id }: ListenMessage): void {
    const slot = index === -1 ? null : this.#slot(index);
    if (this.#ear === null) {
      throw new SessionError('no-session', 'no active session');
    }
    this.#ear.listen(index, slot, request_id);
  }

  #outletState(state: OutletState): void {
    clearTimeout(this.#grace);
    switch (state) {
      case 'disconnected':
        this.#grace = setTimeout(() => this.#lose(`no contact for ${grace / 1000} s`), grace);
        break;
      case 'failed':
        this.#lose('the media connection failed: no path between browser and device');
        break;
      case 'closed':
        this.#lose('the browser closed the media connection');
        break;
    }
  }

  #lose(reason: string): void {
    this.#options.log.info({ reason }, 'session released');
    this.#release();
    this.#options.send({ type: 'multistream/disconnected', reason });
  }

  #release(): void {
    clearTimeout(this.#grace);
    this.#link?.stop();
    this.#link = null;
    this.#prepared.clear();
    this.#ear?.close();
    this.#ear = null;
    for (const slot of this.#slots.values()) {
      slot.close();
    }
    this.#slots = new Map();
    this.#outlet?.close();
    this.#outlet = null;
    this.#state = 'new';
  }

  #slot(index: number): Slot {
    if (this.#state === 'new') {
      throw new SessionError('no-session', 'no active session');
    }
    const slot = this.#slots.get(index);
    if (slot === undefined) {
      throw new SessionError('invalid-slot', `invalid slot index ${index}`);
    }
    return slot;
  }
}

/** Why the viewer's offer has no track for a slot. */
const faultTexts: Record<LineFault, string> = {
  'no-line': 'the offer has no m-line for this slot',
  'not-bundled': 'the offer does not bundle this m-line with its first one (RFC 8843): the device has one transport',
  'codec-mismatch': 'codec mismatch: the offer has no H264 and no H265',
};

function echo(requestId: string | undefined): { request_id?: string } {
  return requestId === undefined ? {} : { request_id: requestId };
}

/** A message's wish alone: absent fields stay absent. */
function toWish<T extends { stream?: string; quality?: string; calm?: boolean }>({ stream, quality, calm }: T) {
  return {
    ...(stream === undefined ? {} : { stream }),
    ...(quality === undefined ? {} : { quality }),
    ...(calm && { calm }),
  } as Pick<T, 'stream' & keyof T> & { quality?: string; calm?: boolean };
}
