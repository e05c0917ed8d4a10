import type { SlotStatus } from '../protocol/messages.ts';
import { ConnectionError } from './errors.ts';
import type { Media, MediaEvents } from './media.ts';

/** The STUN server to ask when neither the page nor the device names one. */
export const iceServers: RTCIceServer[] = [{ urls: 'stun:stun.l.google.com:19302' }];

interface Line {
  slot: number;
  transceiver: RTCRtpTransceiver;
}

/** One RTCPeerConnection that receives one video track per slot. */
export class Peer implements Media<MediaStreamTrack> {
  readonly #connection: RTCPeerConnection;
  readonly #events: MediaEvents;
  readonly #mediaGrace: number;
  /** The slots in the order of `init`, which is the order of the m-lines. */
  readonly #lines: readonly Line[];
  /** The last m-line; null where none is wanted. */
  readonly #audio: RTCRtpTransceiver | null;
  /** The device does not know of the audio m-line. */
  #isSilent = false;
  /** The device's candidates that came before its answer; null once that is in. */
  #early: string[] | null = [];
  /** Our candidates until the device can take them; null from then on. */
  #unsent: string[] | null = [];
  #grace: ReturnType<typeof setTimeout> | undefined;
  /** Whether the device has named a candidate. */
  hasCandidate = false;

  /**
   * @param mediaGrace milliseconds that the path may be without contact: it may come back by itself
   * @param hears whether the offer has an audio m-line
   */
  constructor(
    slots: readonly number[],
    config: RTCConfiguration,
    mediaGrace: number,
    events: MediaEvents,
    hears = false,
  ) {
    const connection = new RTCPeerConnection(config);
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
      showAtOnce(transceiver.receiver);
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
  silence(sdp: string): string {
    this.#isSilent = this.#audio !== null;
    return this.#isSilent ? sdp.replace(/m=audio[\s\S]*$/, '').replace(/(a=group:BUNDLE.*) \S+/, '$1') : sdp;
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
    // Applied while it is on its way (15 ms for nine slots): the browser takes the answer in only after that. Should it
    // fail, there is nothing to answer, and `accept` fails.
    connection
      .setLocalDescription({ ...offer, sdp: withWholeKeyFrames(sdp) })
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
    // Each m-line of the offer needs an answer: that of sound is rejected.
    const rejected = `m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:${this.#audio?.mid}\r\n`;
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: this.#isSilent ? sdp + rejected : sdp });
    this.hasCandidate ||= sdp.includes('a=candidate');
    const early = this.#early ?? [];
    this.#early = null;
    await Promise.all(early.map((candidate) => this.#add(candidate)));
    const lines = statuses.some(({ mid }) => mid !== undefined)
      ? linesByMid(this.#lines, statuses)
      : linesByOrder(this.#lines, statuses);
    return new Map(lines.map(({ slot, transceiver }) => [slot, transceiver.receiver.track]));
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
      this.#events.onLost(ConnectionError.mediaFailed('ICE failed'));
    } else if (state === 'disconnected') {
      // The browser itself would wait 30 s before it calls the connection failed.
      this.#grace = setTimeout(() => this.#events.onLost(ConnectionError.lost('no media')), this.#mediaGrace);
    }
  }

  #add(candidate: string): Promise<void> {
    // The message names no m-line: with BUNDLE (RFC 8843) there is one transport, that of the first accepted line.
    const sdpMid = this.#lines.find(isAnswered)?.transceiver.mid ?? null;
    return this.#connection.addIceCandidate({ candidate, sdpMid });
  }
}

function linesByMid(lines: readonly Line[], statuses: readonly SlotStatus[]): Line[] {
  return statuses.flatMap(({ slot, mid }) => {
    const line = mid === undefined ? undefined : lines.find(({ transceiver }) => transceiver.mid === mid);
    return line === undefined ? [] : [{ slot, transceiver: line.transceiver }];
  });
}

/**
 * A device that names no mids fills the m-lines in order with the slots whose stream it found, and lists those only;
 * one that lists its failed slots as well gives them no line.
 */
function linesByOrder(lines: readonly Line[], statuses: readonly SlotStatus[]): Line[] {
  const answered = lines.filter(isAnswered);
  const listed = lines.flatMap(({ slot }) => statuses.find((status) => status.slot === slot) ?? []);
  const filled = listed.length > answered.length ? listed.filter(({ status }) => status !== 'error') : listed;
  return answered.flatMap(({ transceiver }, i) => {
    const status = filled[i];
    return status === undefined ? [] : [{ slot: status.slot, transceiver }];
  });
}

function isAnswered({ transceiver }: Line): boolean {
  return transceiver.currentDirection === 'recvonly';
}

/**
 * The codecs of cameras: H.264 and H.265, in whole pictures that may span packets. All other codecs of a browser would make
 * its offer four times as long and cost 10 ms for nine slots. An empty list leaves the choice to the browser.
 */
function playable(): RTCRtpCodec[] {
  const codecs = RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? [];
  return codecs.filter(
    ({ mimeType, sdpFmtpLine = '' }) =>
      /\/H265$/i.test(mimeType) || (/\/H264$/i.test(mimeType) && sdpFmtpLine.includes('packetization-mode=1')),
  );
}

/**
 * Chromium takes H.264's IDR for a key frame even where a packet with its parameter sets was lost, and then decodes another
 * camera with the last one's until the next key frame. With this parameter it waits for the packet to be sent again.
 */
function withWholeKeyFrames(sdp: string): string {
  return sdp.replaceAll('packetization-mode=1', '$&;sps-pps-idr-in-keyframe=1');
}

/** Turns off the buffer that smooths a film: a wall shows the newest frame. Not every browser has the setting yet. */
function showAtOnce(receiver: RTCRtpReceiver & { jitterBufferTarget?: number | null }): void {
  if ('jitterBufferTarget' in receiver) {
    receiver.jitterBufferTarget = 0;
  }
}
