import type { SlotStatus } from '../protocol/messages.ts';
import { ConnectionError } from './errors.ts';
import type { Line } from './forks.ts';
import type { Media, MediaEvents } from './media.ts';

/** The STUN server to ask when neither the page nor the device names one. */
export const iceServers: RTCIceServer[] = [{ urls: 'stun:stun.l.google.com:19302' }];

/** One RTCPeerConnection that receives one video track per slot. */
export class Peer implements Media<MediaStreamTrack> {
  readonly #connection: RTCPeerConnection;
  readonly #events: MediaEvents;
  readonly #mediaGrace: number;
  /** The slots in the order of `init`, which is the order of the m-lines. */
  readonly #lines: readonly Line[];
  /** The last m-line; null where none is wanted. */
  readonly #audio: RTCRtpTransceiver | null;
  /** Loaded for a device that does not know of sound. */
  forks: typeof import('./forks.ts') | null = null;
  /** The device's candidates that came before its answer; null once that is in. */
  #early: string[] | null = [];
  /** Our candidates until the device can take them; null from then on. */
  #unsent: string[] | null = [];
  #grace: ReturnType<typeof setTimeout> | undefined;
  /** Whether the device has named a candidate. */
  hasCandidate = false;

  /**
   * @param config asks `iceServers`, unless it names others
   * @param mediaGrace milliseconds that the path may be without contact: it may come back by itself
   * @param hears whether the offer has an audio m-line
   */
  constructor(
    slots: readonly number[],
    config: RTCConfiguration | undefined,
    mediaGrace: number,
    events: MediaEvents,
    hears = false,
  ) {
    const connection = new RTCPeerConnection({ iceServers, ...config });
    this.#connection = connection;
    this.#events = events;
    this.#mediaGrace = mediaGrace;
    this.#lines = slots.map((slot) => ({
      slot,
      transceiver: connection.addTransceiver('video', { direction: 'recvonly' }),
    }));
    this.#audio = hears ? connection.addTransceiver('audio', { direction: 'recvonly' }) : null;
    const codecs = playable();
    for (const { transceiver } of this.#lines) {
      transceiver.setCodecPreferences?.(codecs);
      // Turns off the buffer that smooths a film: a wall shows the newest frame. Not every browser has the setting yet.
      Object.assign(transceiver.receiver, { jitterBufferTarget: 0 });
    }
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) {
        this.#unsent ? this.#unsent.push(candidate.candidate) : events.onCandidate(candidate.candidate);
      }
    };
    connection.onconnectionstatechange = () => this.#follow();
  }

  get state(): RTCPeerConnectionState {
    return this.#connection.connectionState;
  }

  /** The track of a slot, before anything is known of it. */
  trackOf(slot: number): MediaStreamTrack | null {
    return this.#lines.find((line) => line.slot === slot)?.transceiver.receiver.track ?? null;
  }

  /** The sound of the slot that the device was told to send; null where it sends none. */
  get audioTrack(): MediaStreamTrack | null {
    return this.#audio?.currentDirection === 'recvonly' ? this.#audio.receiver.track : null;
  }

  /** The offer for a device that does not know of sound, and never hears of the audio m-line. */
  async silence(sdp: string): Promise<string> {
    this.forks = await import('./forks.ts');
    return this.#audio ? this.forks.withoutSound(sdp) : sdp;
  }

  /**
   * Makes the SDP, without candidates: a STUN server may never answer.
   * @param servers replace those so far
   */
  async offer(servers?: RTCIceServer[]): Promise<string> {
    if (servers) {
      this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), iceServers: servers });
      // These belong to an offer that was never sent.
      this.#unsent = [];
    }
    const connection = this.#connection;
    const offer = await connection.createOffer();
    const { sdp = '' } = offer;
    // Chromium takes H.264's IDR for a key frame even where a packet with its parameter sets was lost, and then decodes another
    // camera with the last one's until the next key frame. With this parameter it waits for the packet to be sent again.
    const whole = sdp.replaceAll('packetization-mode=1', '$&;sps-pps-idr-in-keyframe=1');
    // Applied while it is on its way (15 ms for nine slots): the browser takes the answer in only after that. Should it
    // fail, there is nothing to answer, and `accept` fails.
    connection
      .setLocalDescription({ ...offer, sdp: whole })
      .catch(() => connection.setLocalDescription(offer))
      .catch(() => {});
    return sdp;
  }

  /** Sends the candidates gathered so far, and from now on each at once. Call it when the offer has been sent. */
  sendCandidates(): void {
    const unsent = this.#unsent ?? [];
    this.#unsent = null;
    unsent.forEach(this.#events.onCandidate);
  }

  /** Applies the device's answer and returns the track of each slot. Slots that the device refused have none. */
  async accept(sdp: string, statuses: readonly SlotStatus[]): Promise<Map<number, MediaStreamTrack>> {
    const { forks } = this;
    const answer = forks && this.#audio ? forks.rejectSound(sdp, this.#audio.mid) : sdp;
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: answer });
    this.hasCandidate ||= sdp.includes('a=candidate');
    const early = this.#early ?? [];
    this.#early = null;
    await Promise.all(early.map((candidate) => this.#add(candidate)));
    const tracks = new Map<number, MediaStreamTrack>();
    for (const { slot, mid } of forks?.withMids(statuses, this.#lines) ?? statuses) {
      const line = this.#lines.find(({ transceiver }) => transceiver.mid === mid);
      line && tracks.set(slot, line.transceiver.receiver.track);
    }
    return tracks;
  }

  async addCandidate(candidate: string): Promise<void> {
    this.hasCandidate = true;
    if (this.#early) {
      this.#early.push(candidate);
    } else {
      await this.#add(candidate);
    }
  }

  getStats(track: MediaStreamTrack | null): Promise<RTCStatsReport> {
    return this.#connection.getStats(track);
  }

  close(): void {
    clearTimeout(this.#grace);
    this.#connection.onicecandidate = this.#connection.onconnectionstatechange = null;
    this.#connection.close();
  }

  #follow(): void {
    clearTimeout(this.#grace);
    const { state } = this;
    if (state === 'connected') {
      this.#events.onConnected();
    } else if (state === 'failed') {
      this.#events.onLost(new ConnectionError('media-failed', 'ICE failed'));
    } else if (state === 'disconnected') {
      // The browser itself would wait 30 s before it calls the connection failed.
      this.#grace = setTimeout(() => this.#events.onLost(new ConnectionError('lost', 'no media')), this.#mediaGrace);
    }
  }

  #add(candidate: string): Promise<void> {
    // The message names no m-line: with BUNDLE (RFC 8843) there is one transport, that of the first accepted line.
    const sdpMid =
      this.#lines.find(({ transceiver }) => transceiver.currentDirection === 'recvonly')?.transceiver.mid ?? null;
    return this.#connection.addIceCandidate({ candidate, sdpMid });
  }
}

/**
 * The codecs of cameras: H.264 and H.265, in whole pictures that may span packets. All other codecs of a browser would make
 * its offer four times as long and cost 10 ms for nine slots. An empty list leaves the choice to the browser.
 */
function playable(): RTCRtpCodec[] {
  const codecs = RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? [];
  return codecs.filter(({ mimeType, sdpFmtpLine }) =>
    /\/(H265|H264 .*packetization-mode=1)/i.test(`${mimeType} ${sdpFmtpLine}`),
  );
}
