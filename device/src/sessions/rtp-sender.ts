import { randomInt } from 'node:crypto';
import { ResendBuffer } from './resend-buffer.ts';
import { type Feedback, readFeedback, writeSenderReport } from './rtcp.ts';
import { type Picture, RtpPacketizer } from './rtp-packetizer.ts';

/** Between two sender reports of a track, in milliseconds; they are what round trips are measured by. */
const reportInterval = 1000;

export interface RtpSenderOptions {
  ssrc: number;
  /** Of the source, the same for all that is to be played in step. ASCII. */
  name: string;
  /** Of the header extension; null where the browser has it not. */
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
  readonly #sent = new ResendBuffer();
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

  send(picture: Picture): void {
    const now = this.#now();
    const first = this.#sequence;
    const packets = this.#packetizer.packetize(picture, first, this.#send);
    this.#sequence = (first + packets) % 2 ** 16;
    this.#sent.keep({ picture, first, packets, at: now });
    this.#packets += packets;
    this.#octets += picture.data.length;
    if (now - this.#reportedAt >= reportInterval) {
      this.#reportedAt = now;
      const sent = { timestamp: picture.timestamp, packets: this.#packets, octets: this.#octets };
      this.#send(writeSenderReport(this.#ssrc, this.#name, now, sent));
    }
  }

  /** Sends again what the browser misses. @returns what else it says */
  receive(rtcp: Buffer): Feedback {
    const feedback = readFeedback(rtcp, this.#ssrc, this.#now());
    const incomplete = feedback.missing.length === 0 ? [] : this.#sent.holding(feedback.missing);
    for (const { picture, first } of incomplete) {
      this.#packetizer.packetize(picture, first, (packet, sequence) => {
        if (feedback.missing.includes(sequence)) {
          this.#send(packet);
        }
      });
    }
    return feedback;
  }
}

/** The wall clock's time, which does not jump when the clock is set. */
function systemTime(): number {
  return performance.timeOrigin + performance.now();
}
