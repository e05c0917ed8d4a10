import type { AnswerMessage, DeviceMessage, SlotConfig, SlotStatus, StatusMessage } from '../protocol/messages.ts';
import { resolveStreamName } from '../protocol/stream-name.ts';
import { ConnectionError, SwitchError } from './errors.ts';
import type { MultiStreamClientOptions } from './options.ts';
import { Peer } from './peer.ts';
import { PendingSwitches } from './pending-switches.ts';
import { Signaling } from './signaling.ts';

export type { MultiStreamClientOptions, SlotConfig, SlotStatus };

export type StatusCallback = (slot: number, status: SlotStatus) => void;

export const defaultPcConfig: RTCConfiguration = { iceServers: [{ urls: 'stun:stun.l.google.com:19302' }] };

/** `idle → connecting → open → closed`; closed is for good. */
type State = 'idle' | 'connecting' | 'open' | 'closed';

interface Attempt {
  resolve(tracks: Map<number, MediaStreamTrack>): void;
  reject(error: ConnectionError): void;
}

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
export class MultiStreamClient {
  readonly #url: string;
  readonly #options: MultiStreamClientOptions;
  readonly #switches = new PendingSwitches();
  #state: State = 'idle';
  #signaling: Signaling | null = null;
  #peer: Peer | null = null;
  #offer: Promise<string> | null = null;
  #attempt: Attempt | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;
  #tracks: Map<number, MediaStreamTrack> | null = null;
  /** Our candidates until the offer has gone out; null from then on. */
  #early: string[] | null = [];
  #onStatus: StatusCallback = () => {};

  /** @param url the device, such as `https://device.example.com`; empty for the page's own origin */
  constructor(url = '', options: MultiStreamClientOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /** Whether the session is up: signalling and media. */
  get isConnected(): boolean {
    return this.#state === 'open';
  }

  /** As `WebSocket.readyState`. */
  get wsState(): number {
    return this.#signaling?.state ?? WebSocket.CLOSED;
  }

  get pcState(): RTCPeerConnectionState {
    return this.#peer?.state ?? (this.#state === 'closed' ? 'closed' : 'new');
  }

  /**
   * Opens the session and resolves, once media flows, with the track of each slot. A slot whose stream the device
   * does not have is told by `onStatus` and does not fail the others.
   * @throws {ConnectionError}
   */
  connect(slots: readonly SlotConfig[], onStatus: StatusCallback = () => {}): Promise<Map<number, MediaStreamTrack>> {
    if (this.#state !== 'idle') {
      return Promise.reject(ConnectionError.closed());
    }
    this.#state = 'connecting';
    this.#onStatus = onStatus;
    return new Promise((resolve, reject) => {
      this.#attempt = { resolve, reject };
      this.#start(slots, this.#options.connectTimeout ?? 10_000);
    });
  }

  /**
   * Shows another stream in a slot. Resolves once the device has sent its first key frame; until then, and when it
   * fails, the slot goes on showing what it showed.
   * @throws {SwitchError}
   */
  switchStream(slot: number, stream: string, quality?: string): Promise<SlotStatus> {
    return this.#show('multistream/switch', slot, stream, quality);
  }

  /**
   * Fills a slot that was paused. Otherwise as `switchStream`.
   * @throws {SwitchError}
   */
  resume(slot: number, stream: string, quality?: string): Promise<SlotStatus> {
    return this.#show('multistream/resume', slot, stream, quality);
  }

  #show(
    type: 'multistream/switch' | 'multistream/resume',
    slot: number,
    stream: string,
    quality?: string,
  ): Promise<SlotStatus> {
    const name = resolveStreamName(stream, quality);
    if (this.#state !== 'open' || this.#signaling === null) {
      return Promise.reject(new SwitchError('closed', { slot, stream: name, status: 'inactive' }));
    }
    const wish: SlotConfig = quality === undefined ? { slot, stream } : { slot, stream, quality };
    const id = this.#signaling.request({ type, ...wish });
    return this.#switches.add(slot, name, id, this.#options.switchTimeout ?? 10_000);
  }

  /** Tells the device to stop sending a slot; `resume` or a switch fills it again. */
  pause(slot: number): void {
    this.#signaling?.request({ type: 'multistream/pause', slot });
  }

  requestKeyframe(slot: number): void {
    this.#signaling?.request({ type: 'multistream/keyframe', slot });
  }

  /** Statistics of one track of the session, or of all of it; null without a session. */
  async getStats(track: MediaStreamTrack | null = null): Promise<RTCStatsReport | null> {
    return (await this.#peer?.getStats(track)) ?? null;
  }

  /** Ends the session and releases everything it holds. */
  disconnect(): void {
    this.#signaling?.send({ type: 'multistream/close' });
    this.#end(ConnectionError.closed());
  }

  #start(slots: readonly SlotConfig[], timeout: number): void {
    this.#timer = setTimeout(() => this.#end(ConnectionError.timeout(this.#step, timeout)), timeout);
    const { authorize } = this.#options;
    try {
      if (authorize) {
        tokenOf(authorize)
          .then((token) => this.#signal(slots, token))
          .catch((error) => this.#fail(error));
      } else {
        this.#signal(slots);
      }
      // The peer and its offer are made while the WebSocket is still opening.
      this.#peer = new Peer(
        slots.map(({ slot }) => slot),
        this.#options.pcConfig ?? defaultPcConfig,
        { onCandidate: (candidate) => this.#sendCandidate(candidate), onStateChange: () => this.#followPeer() },
      );
      this.#offer = this.#peer.offer();
      this.#offer.catch((error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #signal(slots: readonly SlotConfig[], token?: string): void {
    if (this.#state !== 'connecting') {
      return;
    }
    this.#signaling = new Signaling(
      this.#url,
      {
        onOpen: () => this.#signaling?.request({ type: 'multistream/init', slots: [...slots] }),
        onMessage: (message) => this.#receive(message),
        onProtocolError: (error) => this.#options.onProtocolError?.(error),
        onClose: (error) => this.#end(error),
      },
      this.#options.createSocket,
      token,
    );
  }

  #receive(message: DeviceMessage): void {
    switch (message.type) {
      case 'multistream/ready':
        this.#sendOffer().catch((error) => this.#fail(error));
        break;
      case 'multistream/answer':
        this.#accept(message).catch((error) => this.#fail(error));
        break;
      case 'multistream/ice':
        // A candidate that this browser cannot read is one way less to the device, not the end of the others.
        this.#peer?.addCandidate(message.value).catch(() => {});
        break;
      case 'multistream/status':
        this.#followSlot(message);
        break;
      case 'multistream/disconnected':
        this.#end(ConnectionError.lost(message.reason));
        break;
      case 'error':
        this.#refuse(message.value, message.request_id);
        break;
      case 'multistream/keyframe':
        break;
    }
  }

  async #sendOffer(): Promise<void> {
    const sdp = (await this.#offer) ?? '';
    this.#signaling?.request({ type: 'multistream/offer', sdp });
    const early = this.#early ?? [];
    this.#early = null;
    for (const candidate of early) {
      this.#sendCandidate(candidate);
    }
  }

  #sendCandidate(candidate: string): void {
    if (this.#early) {
      this.#early.push(candidate);
    } else {
      this.#signaling?.send({ type: 'multistream/ice', candidate });
    }
  }

  async #accept({ sdp, slots }: AnswerMessage): Promise<void> {
    for (const status of slots) {
      this.#onStatus(status.slot, status);
    }
    this.#tracks = (await this.#peer?.accept(sdp, slots)) ?? null;
    this.#followPeer();
  }

  #followPeer(): void {
    clearTimeout(this.#grace);
    if (this.pcState === 'failed') {
      this.#end(ConnectionError.mediaFailed('ICE failed'));
    } else if (this.pcState === 'disconnected') {
      // A path may come back by itself; a viewer does not wait for the browser's own 30 s until it calls it failed.
      const grace = this.#options.mediaGrace ?? 5000;
      this.#grace = setTimeout(() => this.#end(ConnectionError.lost('no media')), grace);
    } else if (this.pcState === 'connected' && this.#tracks !== null && this.#state === 'connecting') {
      clearTimeout(this.#timer);
      this.#state = 'open';
      this.#attempt?.resolve(this.#tracks);
    }
  }

  #followSlot({ slot, status, request_id }: StatusMessage): void {
    if (!this.#switches.isStale(status, request_id)) {
      this.#onStatus(slot, status);
      this.#switches.onStatus(status, request_id);
    }
  }

  #refuse(text: string, requestId: string | undefined): void {
    if (this.#state === 'open') {
      this.#switches.onRefusal(text, requestId);
    } else if (!text.startsWith('multistream/ice')) {
      this.#end(ConnectionError.refused(text));
    }
  }

  /** What a timeout was waiting for. */
  get #step(): string {
    if (this.wsState !== WebSocket.OPEN) {
      return 'its WebSocket did not open';
    }
    return this.#tracks === null ? 'no answer to the offer' : 'no media connection (is its UDP port open?)';
  }

  #fail(error: unknown): void {
    this.#end(error instanceof ConnectionError ? error : ConnectionError.mediaFailed(String(error), error));
  }

  /** The only way out of a session, whoever ends it. */
  #end(error: ConnectionError): void {
    const was = this.#state;
    if (was === 'closed') {
      return;
    }
    this.#state = 'closed';
    clearTimeout(this.#timer);
    clearTimeout(this.#grace);
    this.#signaling?.close();
    this.#peer?.close();
    this.#switches.failAll('closed');
    if (was === 'connecting') {
      this.#attempt?.reject(error);
    } else if (was === 'open' && error.reason !== 'closed') {
      this.#options.onClosed?.(error);
    }
  }
}

/** @throws {ConnectionError} */
async function tokenOf(authorize: () => string | Promise<string>): Promise<string> {
  try {
    return await authorize();
  } catch (cause) {
    throw new ConnectionError('unauthorized', `No token for the device: ${cause}`, cause);
  }
}
