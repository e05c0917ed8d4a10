import { decodeStreamReply } from '../protocol/decode-stream-reply.ts';
import type { SingleStreamMessage, SlotStatus } from '../protocol/messages.ts';
import type { ConnectionError } from './errors.ts';
import type { Peer } from './peer.ts';
import type { SessionSetup, Sound } from './session.ts';
import { parts } from './single-stream-parts.ts';
import type { DeviceSocket } from './socket.ts';

/** How often (ms) a player looks whether its first picture is there; Chrome's statistics are as old as 50 ms. */
const lookEvery = 100;
/** The same of its first sound, which a camera may never send. */
const hearEvery = 250;

export interface PlayerEvents {
  /** A picture has been decoded. May be called more than once. */
  onPlaying(): void;
  /** The codec of its sound is known, or that there is none. May be called more than once. */
  onSound(): unknown;
  /** `shape` is another one. */
  onShape(): unknown;
  /** Not called after `close()`. `refused`: the device gave a reason for not playing this stream. */
  onFailed(error: ConnectionError): void;
}

/** One stream over a connection of its own, in go2rtc's words: `webrtc/offer`, `webrtc/answer`, `webrtc/candidate`. */
export class StreamPlayer {
  /** The stream's name at the device. */
  readonly name: string;
  /** The shape of the pictures, where the device tells it. */
  shape: Partial<Pick<SlotStatus, 'width' | 'height' | 'display_width'>> = {};
  readonly #events: PlayerEvents;
  /** The codec of the sound that comes; empty before it does. */
  #codec = '';
  #socket: DeviceSocket | null = null;
  #peer: Peer | null = null;
  /** How long (ms) the media connection may take after the device's answer, where there is another way. */
  readonly #mediaTimeout: number | undefined;
  #timer: ReturnType<typeof setTimeout>;
  #looking: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  constructor(name: string, token: string, hears: boolean, { url, options }: SessionSetup, events: PlayerEvents) {
    this.name = name;
    this.#events = events;
    const { pcConfig, mediaGrace = 5000, connectTimeout = 10_000, mediaTimeout, createSocket } = options;
    this.#mediaTimeout = mediaTimeout;
    this.#timer = setTimeout(
      () =>
        this.#fail(
          this.#socket?.state === WebSocket.CONNECTING
            ? new parts.ConnectionError('unreachable', url)
            : new parts.ConnectionError('timeout', `no answer for ${name}, or no media`),
        ),
      connectTimeout,
    );
    try {
      const peer = new parts.Peer(
        [0],
        pcConfig,
        mediaGrace,
        {
          onCandidate: (candidate) => this.#send('webrtc/candidate', candidate),
          onConnected: () => this.#onConnected(),
          onLost: this.#fail,
        },
        hears,
      );
      this.#peer = peer;
      const offer = peer.offer();
      const query = token === '' ? { src: name } : { src: name, token };
      const onOpen = () => {
        offer.then((sdp) => {
          this.#send('webrtc/offer', sdp, { shape: true });
          peer.sendCandidates();
        }, this.#fail);
      };
      const onText = (text: string) => this.#receive(text, peer).catch(this.#fail);
      this.#socket = new parts.DeviceSocket(url, query, { onOpen, onText, onClose: this.#fail }, createSocket);
    } catch (error) {
      queueMicrotask(() => this.#fail(error));
    }
  }

  /** Null where the browser cannot make a connection. */
  get track(): MediaStreamTrack | null {
    return this.#peer?.trackOf(0) ?? null;
  }

  /** The answer may name several codecs, so the one that comes is told. */
  get sound(): Sound {
    const track = this.#peer?.audioTrack;
    return track ? { track, codec: this.#codec } : { code: 'no-audio' };
  }

  /** Statistics of the track; null while there is none. */
  async getStats(): Promise<RTCStatsReport | null> {
    return this.#isClosed ? null : ((await this.#peer?.getStats(this.track)) ?? null);
  }

  /** Whether media flows at this moment. */
  get isHealthy(): boolean {
    return this.#peer?.state === 'connected';
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#looking);
    this.#socket?.close();
    this.#peer?.close();
  }

  #send(type: SingleStreamMessage['type'], value: string, more: object = {}): void {
    this.#socket?.send(JSON.stringify({ type, value, ...more }));
  }

  async #receive(text: string, peer: Peer): Promise<void> {
    const reply = decodeStreamReply(text);
    if (reply === null) {
      return;
    }
    if (reply.type === 'webrtc/shape') {
      const { type: _, ...shape } = reply;
      this.shape = shape;
      this.#events.onShape();
      return;
    }
    const { type, value } = reply;
    if (type === 'webrtc/answer') {
      const status = { slot: 0, stream: this.name, status: 'active' } as const;
      this.#limitMedia();
      await peer.accept(value, [status]);
    } else if (type === 'webrtc/candidate' && value !== '') {
      // One that this browser cannot read is one way less to the device.
      peer.addCandidate(value).catch(() => {});
    } else if (type === 'error' && !value.startsWith('webrtc/candidate')) {
      const { ConnectionError } = parts;
      this.#fail(
        value.startsWith('webrtc/')
          ? new ConnectionError('refused', value, { code: reply.code ?? parts.codeOf(value) })
          : new ConnectionError('unsupported', value),
      );
    }
  }

  #limitMedia(): void {
    if (this.#mediaTimeout !== undefined && !this.isHealthy) {
      clearTimeout(this.#timer);
      const fail = () => this.#fail(new parts.ConnectionError('media-failed', 'no candidate pair'));
      this.#timer = setTimeout(fail, this.#mediaTimeout);
    }
  }

  #onConnected(): void {
    clearTimeout(this.#timer);
    this.#looking ??= setInterval(() => this.#look(), lookEvery);
  }

  async #look(): Promise<void> {
    const report = await this.#peer?.getStats(null);
    const all = [...(report?.values() ?? [])];
    if (this.#isClosed || !all.some(({ framesDecoded }) => framesDecoded > 0)) {
      return;
    }
    this.#events.onPlaying();
    const { codecId } = all.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio') ?? {};
    this.#codec = report?.get(codecId)?.mimeType.slice(6).toUpperCase() ?? '';
    clearInterval(this.#looking);
    if (this.#codec || !this.#peer?.audioTrack) {
      this.#events.onSound();
    } else {
      this.#looking = setInterval(() => this.#look(), hearEvery);
    }
  }

  readonly #fail = (error: unknown): void => {
    if (!this.#isClosed) {
      this.close();
      this.#events.onFailed(parts.ConnectionError.of(error));
    }
  };
}
