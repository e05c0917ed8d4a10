import { isAbout } from '../protocol/device-words.ts';
import type { AnswerMessage, ErrorCode, ErrorMessage, ReadyMessage, SlotConfig } from '../protocol/messages.ts';
import { ConnectionError, type ConnectionErrorReason } from './errors.ts';
import type { Media } from './media.ts';
import type { MultiStreamClientOptions } from './options.ts';
import type { Signaling } from './signaling.ts';

/** The missing step, by the last one that was done. */
const awaited = {
  initialized: 'no answer to multistream/init',
  ready: 'no answer to the offer',
  answered: 'no media connection',
};

/** How long (ms) after its answer a device may take for its first candidate. */
const candidatesTimeout = 2000;

export interface HandshakeEvents<Track> {
  onDone(tracks: Map<number, Track>): void;
  onFailed(error: ConnectionError): void;
}

/** The way to a session with media, and how long it may take: init → ready → offer → answer → connected. */
export class Handshake<Track> {
  readonly #media: Media<Track>;
  readonly #offer: Promise<string>;
  readonly #events: HandshakeEvents<Track>;
  readonly #options: MultiStreamClientOptions;
  readonly #timer: ReturnType<typeof setTimeout>;
  #step: keyof typeof awaited | 'begun' = 'begun';
  #silence: ReturnType<typeof setTimeout> | undefined;
  #tracks: Map<number, Track> | null = null;

  /** @param url of the device, for the error if its WebSocket does not open */
  constructor(url: string, media: Media<Track>, options: MultiStreamClientOptions, events: HandshakeEvents<Track>) {
    this.#media = media;
    this.#options = options;
    this.#events = events;
    const { connectTimeout = 10_000 } = options;
    this.#timer = setTimeout(
      () => (this.#step === 'begun' ? this.#fail('unreachable', url) : this.#fail('timeout', awaited[this.#step])),
      connectTimeout,
    );
    // Made while the WebSocket is still opening.
    this.#offer = media.offer();
    this.#offer.catch((error) => events.onFailed(ConnectionError.of(error)));
  }

  /** The WebSocket is open. */
  initialize(signaling: Signaling, slots: readonly SlotConfig[]): void {
    this.#step = 'initialized';
    signaling.request({ type: 'multistream/init', slots: [...slots], ...this.#media.terms });
    const { readyTimeout } = this.#options;
    if (readyTimeout !== undefined) {
      this.#silence = setTimeout(() => this.#fail('unsupported', 'it does not answer'), readyTimeout);
    }
  }

  /** @throws {unknown} what the browser says of its own offer */
  async onReady({ ice_servers, audio, transport }: ReadyMessage, signaling: Signaling): Promise<void> {
    if (transport !== this.#media.terms?.transport) {
      this.#fail('unsupported', 'no transport socket');
    } else if (this.#step === 'initialized') {
      this.#step = 'ready';
      clearTimeout(this.#silence);
      let sdp = await this.#offer;
      if (ice_servers && !this.#options.pcConfig?.iceServers) {
        sdp = await this.#media.offer(ice_servers);
      }
      if (sdp) {
        sdp = audio ? sdp : ((await this.#media.silence?.(sdp)) ?? sdp);
        signaling.request({ type: 'multistream/offer', sdp });
        this.#media.sendCandidates();
      }
    }
  }

  /** Whether an answer is due: there is one for one offer, and a second one would be out of date. */
  get awaitsAnswer(): boolean {
    return this.#step === 'ready';
  }

  /** @throws {unknown} what the browser says of the device's answer */
  async onAnswer({ sdp = '', slots }: AnswerMessage): Promise<void> {
    this.#step = 'answered';
    const tracks = await this.#media.accept(sdp, slots);
    if (tracks.size === 0) {
      const refused = slots.find(({ code }) => code === 'codec-mismatch') ?? slots[0];
      const { error = 'stream not found', code = 'stream-not-found' } = refused ?? {};
      this.#fail('refused', error, code);
      return;
    }
    this.#tracks = tracks;
    const { mediaTimeout } = this.#options;
    // Otherwise a device that lost its candidates would only fail at the connect timeout.
    this.#silence = setTimeout(() => {
      if (mediaTimeout) {
        this.#fail('media-failed', 'no candidate pair');
      } else if (!this.#media.hasCandidate) {
        this.#fail('timeout', 'no candidates');
      }
    }, mediaTimeout ?? candidatesTimeout);
    this.onMedia();
  }

  onMedia(): void {
    if (this.#tracks && this.#media.state === 'connected') {
      this.close();
      this.#events.onDone(this.#tracks);
    }
  }

  /** The device answered with an error. A candidate that it cannot read is one way less, not the end. */
  onRefusal({ value, code }: ErrorMessage): void {
    if (!isAbout(value, 'multistream/ice')) {
      // A device that speaks multistream has a code for why it refuses a session; another one names an unknown message.
      const isUnknown = code === undefined || code === 'unsupported' || code === 'invalid-message';
      this.#fail(isUnknown && this.#step === 'initialized' ? 'unsupported' : 'refused', value, code);
    }
  }

  #fail(reason: ConnectionErrorReason, detail: string, code?: ErrorCode): void {
    this.#events.onFailed(new ConnectionError(reason, detail, { code }));
  }

  /** Stops waiting. */
  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
  }
}
