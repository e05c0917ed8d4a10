import type { SlotStatus } from '../protocol/messages.ts';

export interface PeerEvents {
  onCandidate(candidate: string): void;
  onStateChange(state: RTCPeerConnectionState): void;
}

interface Line {
  slot: number;
  transceiver: RTCRtpTransceiver;
}

/** One RTCPeerConnection that receives one video track per slot. */
export class Peer {
  readonly #connection: RTCPeerConnection;
  /** In the order of `init`, which is the order of the m-lines. */
  readonly #lines: readonly Line[];
  /** Candidates that came before the answer; null once it is in. */
  #early: string[] | null = [];

  constructor(slots: readonly number[], config: RTCConfiguration, events: PeerEvents) {
    const connection = new RTCPeerConnection(config);
    this.#connection = connection;
    this.#lines = slots.map((slot) => ({
      slot,
      transceiver: connection.addTransceiver('video', { direction: 'recvonly' }),
    }));
    for (const { transceiver } of this.#lines) {
      showAtOnce(transceiver.receiver);
    }
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) {
        events.onCandidate(candidate.candidate);
      }
    };
    connection.onconnectionstatechange = () => events.onStateChange(connection.connectionState);
  }

  get state(): RTCPeerConnectionState {
    return this.#connection.connectionState;
  }

  /** The SDP, without candidates: nobody waits for a STUN server that may never answer. */
  async offer(): Promise<string> {
    const offer = await this.#connection.createOffer();
    // Applied while it is on its way (15 ms for nine slots): the browser takes the answer in only after that. Should it
    // fail, there is nothing to answer, and `accept` fails.
    this.#connection.setLocalDescription(offer).catch(() => {});
    return offer.sdp ?? '';
  }

  /** Takes the device's answer in and says which track is whose. Slots that the device refused have none. */
  async accept(sdp: string, statuses: readonly SlotStatus[]): Promise<Map<number, MediaStreamTrack>> {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp });
    const early = this.#early ?? [];
    this.#early = null;
    await Promise.all(early.map((candidate) => this.#add(candidate)));
    const lines = statuses.some(({ mid }) => mid !== undefined)
      ? linesByMid(this.#lines, statuses)
      : linesByOrder(this.#lines, statuses);
    return new Map(lines.map(({ slot, transceiver }) => [slot, transceiver.receiver.track]));
  }

  async addCandidate(candidate: string): Promise<void> {
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
    this.#connection.onicecandidate = this.#connection.onconnectionstatechange = null;
    this.#connection.close();
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

/** A wall shows the newest frame; the buffer that smooths a film is not wanted (not in every browser yet). */
function showAtOnce(receiver: RTCRtpReceiver & { jitterBufferTarget?: number | null }): void {
  if ('jitterBufferTarget' in receiver) {
    receiver.jitterBufferTarget = 0;
  }
}
