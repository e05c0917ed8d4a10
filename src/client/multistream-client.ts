import { isFarewell } from '../protocol/device-words.ts';
import type {
  DeviceMessage,
  ErrorMessage,
  PrepareMessage,
  SlotConfig,
  SlotStatus,
  StatusMessage,
} from '../protocol/messages.ts';
import { resolveStreamName } from '../protocol/stream-name.ts';
import { tokenOf } from './access.ts';
import { ConnectionError, SwitchError } from './errors.ts';
import { Handshake } from './handshake.ts';
import type { Media, OpenMedia } from './media.ts';
import type { Listening, MultiStreamClientOptions } from './options.ts';
import { iceServers, Peer } from './peer.ts';
import { PendingSwitches } from './pending-switches.ts';
import { Signaling } from './signaling.ts';

export type { Listening, MultiStreamClientOptions, SlotConfig, SlotStatus };
export { iceServers };

export type StatusCallback = (slot: number, status: SlotStatus) => void;

/** `idle → connecting → open → closed`; closed is for good. */
type State = 'idle' | 'connecting' | 'open' | 'closed';

/**
 * One session with a multistream device: many cameras over one RTCPeerConnection, switched without negotiating again.
 *
 * ```ts
 * const client = new MultiStreamClient('https://device.example.com');
 * const tracks = await client.connect([{ slot: 0, stream: 'camera1', quality: '360p' }]);
 * await client.switchStream(0, 'camera2', '360p');
 * client.disconnect();
 * ```
 */
export class MultiStreamClient<Track = MediaStreamTrack> {
  readonly #url: string;
  readonly #options: MultiStreamClientOptions;
  readonly #switches = new PendingSwitches();
  #state: State = 'idle';
  #signaling: Signaling | null = null;
  readonly #openMedia: OpenMedia<Track>;
  #media: Media<Track> | null = null;
  #handshake: Handshake<Track> | null = null;
  #onStatus: StatusCallback = () => {};
  #echoesIds = false;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** Rejects the promise of `connect`. */
  #reject: (error: ConnectionError) => void = () => {};

  /**
   * @param url the device, such as `https://device.example.com`; empty for the page's own origin
   * @param openMedia how pictures come; by default over WebRTC, as MediaStreamTracks
   */
  constructor(url = '', options: MultiStreamClientOptions = {}, openMedia?: OpenMedia<Track>) {
    this.#url = url;
    this.#options = options;
    const { pcConfig, mediaGrace = 5000 } = options;
    // Without `openMedia` tracks are MediaStreamTracks, which the types cannot say.
    this.#openMedia = openMedia ?? ((slots, events) => new Peer(slots, pcConfig, mediaGrace, events, true) as never);
  }

  /** Whether the session is up: signalling and media. */
  get isConnected(): boolean {
    return this.#state === 'open';
  }

  /** The code for a device whose statuses do not say which request they answer; null for others. */
  get forks(): typeof import('./forks.ts') | null {
    return this.#echoesIds ? null : (this.#media?.forks ?? null);
  }

  /** As `WebSocket.readyState`. */
  get wsState(): number {
    return this.#signaling?.state ?? WebSocket.CLOSED;
  }

  get pcState(): RTCPeerConnectionState {
    return this.#media?.state ?? (this.#state === 'closed' ? 'closed' : 'new');
  }

  /**
   * Opens the session and resolves, once media flows, with the track of each slot. A slot whose stream the device
   * does not have is told by `onStatus` and does not fail the others.
   * @throws {ConnectionError}
   */
  connect(slots: readonly SlotConfig[], onStatus: StatusCallback = () => {}): Promise<Map<number, Track>> {
    if (this.#state !== 'idle') {
      return Promise.reject(new ConnectionError('closed'));
    }
    this.#state = 'connecting';
    this.#onStatus = onStatus;
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#open(slots, (tracks) => {
        this.#state = 'open';
        resolve(tracks);
      }).catch(this.#fail);
    });
  }

  /**
   * Shows another stream in a slot. Resolves once the device has sent its first key frame; until then, and when it
   * fails, the slot goes on showing what it showed.
   * @param calm whether key frames are enough while nothing moves
   * @throws {SwitchError}
   */
  switchStream(slot: number, stream: string, quality?: string, calm?: boolean): Promise<SlotStatus> {
    return this.#show('multistream/switch', slot, stream, quality, calm);
  }

  /**
   * Fills a slot that was paused. Otherwise as `switchStream`.
   * @throws {SwitchError}
   */
  resume(slot: number, stream: string, quality?: string, calm?: boolean): Promise<SlotStatus> {
    return this.#show('multistream/resume', slot, stream, quality, calm);
  }

  #show(
    type: 'multistream/switch' | 'multistream/resume',
    slot: number,
    stream: string,
    quality?: string,
    calm?: boolean,
  ): Promise<SlotStatus> {
    const name = resolveStreamName(stream, quality);
    if (this.#state !== 'open' || this.#signaling === null) {
      return Promise.reject(new SwitchError('closed', { slot, stream: name, status: 'inactive' }));
    }
    // JSON leaves out what is undefined.
    const wish = { slot, stream, quality, calm: calm || undefined } as SlotConfig;
    const id = this.#signaling.request({ type, ...wish });
    return this.#switches.add(slot, name, id, this.#options.switchTimeout ?? 10_000);
  }

  /** Tells the device to stop sending a slot; `resume` or a switch fills it again. */
  pause(slot: number): void {
    this.#signaling?.request({ type: 'multistream/pause', slot });
  }

  /** The sound of the slot that `listen` named: the same track for the whole session. Null where the device sends none. */
  get audioTrack(): Track | null {
    return this.#media?.audioTrack ?? null;
  }

  /**
   * Lets `audioTrack` carry the sound of one slot from now on, and of the streams that it is switched to; null for none.
   * `onListening` hears what comes of it.
   */
  listen(slot: number | null): void {
    const wish = slot ?? -1;
    if (this.#media?.forks) {
      this.#options.onListening?.({ slot: wish, code: 'no-audio' });
    } else {
      this.#signaling?.request({ type: 'multistream/listen', slot: wish });
    }
  }

  requestKeyframe(slot: number): void {
    this.#signaling?.request({ type: 'multistream/keyframe', slot });
  }

  /**
   * Warms streams that the viewer is about to want, say because the pointer is over a name: a switch to them is then as quick as to
   * cameras that play. The device keeps as many as a session may have slots, each for as long as it lets an unwatched stream
   * linger, and ten seconds at least. A hint: there is no answer, and devices that do not know it pass over it.
   * @param left streams that the viewer has left and does not want again soon: the device need not let them linger
   */
  prepare(streams: PrepareMessage['streams'], left?: PrepareMessage['left']): void {
    if (this.#state === 'open') {
      this.#signaling?.request({ type: 'multistream/prepare', streams, left });
    }
  }

  /** Statistics of one track of the session, or of all of it; null without a session. */
  async getStats(track: Track | null = null): Promise<RTCStatsReport | null> {
    return (await this.#media?.getStats(track)) ?? null;
  }

  /** Ends the session and releases everything it holds. */
  disconnect(): void {
    this.#signaling?.send({ type: 'multistream/close' });
    this.#end(new ConnectionError('closed'));
  }

  async #open(slots: readonly SlotConfig[], onDone: (tracks: Map<number, Track>) => void): Promise<void> {
    const { authorize, createSocket } = this.#options;
    const signal = (token: string) => {
      const signaling = new Signaling(
        this.#url,
        token,
        {
          onOpen: () => handshake.initialize(signaling, slots),
          onMessage: (message) => this.#receive(message, signaling, handshake),
          onBinary: (data) => media.receive?.(data),
          onProtocolError: (error) => this.#options.onProtocolError?.(error),
          onClose: this.#fail,
        },
        createSocket,
      );
      this.#signaling = signaling;
    };
    // The peer takes longest to make; meanwhile the socket opens, or the token is on its way.
    const token = authorize ? tokenOf(authorize) : '';
    if (typeof token === 'string') {
      signal(token);
    }
    const media = this.#openMedia(
      slots.map(({ slot }) => slot),
      {
        onCandidate: (candidate) => this.#signaling?.send({ type: 'multistream/ice', candidate }),
        onConnected: () => handshake.onMedia(),
        onLost: this.#fail,
        onStarved: (slot) => this.requestKeyframe(slot),
      },
    );
    this.#media = media;
    const handshake = new Handshake(this.#url, media, this.#options, { onDone, onFailed: this.#fail });
    this.#handshake = handshake;
    const given = await token;
    if (this.#signaling === null && this.#state === 'connecting') {
      signal(given);
    }
  }

  #receive(message: DeviceMessage, signaling: Signaling, handshake: Handshake<Track>): void {
    switch (message.type) {
      case 'multistream/ready':
        // The forks echo an id here too, and none in a status; `max_slots` is ours alone.
        this.#echoesIds = message.max_slots !== undefined;
        handshake.onReady(message, signaling).catch(this.#fail);
        break;
      case 'multistream/answer':
        if (handshake.awaitsAnswer) {
          for (const status of message.slots) {
            this.#onStatus(status.slot, status);
          }
          handshake.onAnswer(message).catch(this.#fail);
        }
        break;
      case 'multistream/ice':
        // A candidate that this browser cannot read is one way less to the device, not the end of the others.
        this.#media?.addCandidate(message.value).catch(() => {});
        break;
      case 'multistream/status':
        this.#followSlot(message);
        break;
      case 'multistream/listening':
        this.#options.onListening?.(message);
        break;
      case 'multistream/disconnected':
        this.#end(new ConnectionError('lost', message.reason));
        break;
      case 'error':
        this.#onError(message, handshake);
        break;
      case 'multistream/authorized':
        this.#renewToken(message.expires_in);
        break;
      case 'multistream/moving':
        this.#options.onMoving?.(message.reason);
        break;
    }
  }

  #onError(message: ErrorMessage, handshake: Handshake<Track>): void {
    if (this.#state !== 'open') {
      handshake.onRefusal(message);
    } else if (message.request_id === undefined && isFarewell(message)) {
      this.#end(new ConnectionError('refused', message.value, message));
    } else {
      this.#switches.onRefusal(message);
    }
  }

  /** Asks the page for its next token after four fifths of the present one's time; again, if the page has none. */
  #renewToken(expiresIn = 0): void {
    clearTimeout(this.#renewal);
    const { authorize } = this.#options;
    if (!authorize || expiresIn < 1) {
      return;
    }
    const renew = async () => {
      try {
        const token = await tokenOf(authorize, true);
        this.#signaling?.request({ type: 'multistream/authorize', token });
      } catch {
        this.#renewToken(expiresIn / 5);
      }
    };
    // A timer waits for 24 days at the most.
    this.#renewal = setTimeout(renew, Math.min(expiresIn * 800, 2 ** 31 - 1));
  }

  #followSlot({ slot, status, request_id }: StatusMessage): void {
    if (!this.#switches.isStale(status, request_id)) {
      this.#onStatus(slot, status);
      this.#switches.onStatus(status, request_id);
    }
  }

  readonly #fail = (error: unknown): void => this.#end(ConnectionError.of(error));

  /** Ends the session, for every reason that there is. */
  #end(error: ConnectionError): void {
    const was = this.#state;
    if (was === 'closed') {
      return;
    }
    this.#state = 'closed';
    clearTimeout(this.#renewal);
    this.#handshake?.close();
    this.#signaling?.close();
    this.#media?.close();
    this.#switches.failAll('closed');
    if (was === 'connecting') {
      this.#reject(error);
    } else if (was === 'open' && error.reason !== 'closed') {
      this.#options.onClosed?.(error);
    }
  }
}
