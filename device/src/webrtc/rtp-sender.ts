import { randomInt } from 'node:crypto';
import type { FeedbackBudget } from '../sessions/feedback-budget.ts';
import type { TimedPicture } from '../sessions/outlet.ts';
import type { OfferedFormat } from './offer.ts';
import { ResendBuffer } from './resend-buffer.ts';
import { writeSenderReport } from './rtcp.ts';
import { RtpPacketizer } from './rtp-packetizer.ts';

/** Between two sender reports of a track, in milliseconds; they are what round trips are measured by. */
export const reportInterval = 1000;

export interface RtpSenderOptions {
  ssrc: number;
  /** The CNAME: at most 255 bytes of ASCII. */
  name: string;
  /** Id of the playout-delay header extension; null if the browser did not offer it. */
  playoutDelayId: number | null;
  /** Takes one RTP or RTCP packet to the browser; it is not kept. */
  send(packet: Buffer): void;
  /** Milliseconds since 1970, rising. */
  now?: () => number;
}

/** The sending side of one RTP stream: its pictures as packets, what is asked for again, and its reports. */
export class RtpSender {
  readonly #ssrc: number;
  readonly #name: string;
  readonly #send: (packet: Buffer) => void;
  readonly #now: () => number;
  readonly #packetizer: RtpPacketizer;
  readonly #kept = new ResendBuffer();
  #sequence = randomInt(2 ** 15);
  #packets = 0;
  #octets = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor({ ssrc, name, playoutDelayId, send, now = systemTime }: RtpSenderOptions) {
    this.#ssrc = ssrc;
    this.#name = name;
    this.#send = send;
    this.#now = now;
    this.#packetizer = new RtpPacketizer(ssrc, playoutDelayId);
  }

  /** @param delay milliseconds after which pictures are shown, once they have come; 0 at first */
  hold(delay: number): void {
    this.#packetizer.hold(delay);
  }

  send({ data, timestamp }: TimedPicture, { codec, payloadType }: Pick<OfferedFormat, 'codec' | 'payloadType'>): void {
    const now = this.#now();
    const packets = this.#packetizer.packetsOf(data, codec);
    const sent = this.#kept.keep(packets, timestamp, payloadType, this.#sequence, now);
    for (let index = 0; index < packets.length; index++) {
      this.#send(this.#packetizer.address(sent, index, this.#sequence));
      this.#sequence = (this.#sequence + 1) % 2 ** 16;
    }
    this.#packets += packets.length;
    this.#octets += data.length;
    if (now - this.#reportedAt >= reportInterval) {
      this.#reportedAt = now;
      const counts = { timestamp, packets: this.#packets, octets: this.#octets };
      this.#send(writeSenderReport(this.#ssrc, this.#name, now, counts));
    }
  }

  /**
   * Sends again what the viewer misses, as far as its budget goes.
   * @param roundTrip to the viewer and back, in milliseconds: what was sent again within it is still on its way
   */
  resend(sequences: readonly number[], roundTrip: number, budget: FeedbackBudget): void {
    const now = this.#now();
    for (const sequence of sequences) {
      const sent = this.#kept.take(sequence, now, roundTrip);
      if (sent !== null) {
        const packet = this.#packetizer.address(sent.picture, sent.index, sequence);
        if (!budget.takeResend(packet.length)) {
          return;
        }
        this.#send(packet);
      }
    }
  }
}

/** The wall clock's time in milliseconds since 1970, which does not jump when the clock is set. */
export function systemTime(): number {
  return timeOrigin + performance.now();
}

/** Read once: it is a getter that costs more than the addition, and each picture of each viewer has a time. */
const { timeOrigin } = performance;
