import type { Picture } from './rtp-packetizer.ts';

/**
 * How long packets are kept, in milliseconds: a browser asks again every round trip, until it gives a picture up. And how
 * many at the most: older ones are outside of the window in which SRTP takes a packet a second time (libdatachannel's is
 * 1024, see RFC 3711 section 3.3.2).
 */
const keptFor = 2000;
const mostPackets = 1000;

export interface SentPicture {
  picture: Picture;
  /** The sequence number of its first packet. */
  first: number;
  packets: number;
  /** Milliseconds. */
  at: number;
}

/**
 * What one track sent lately, for a browser that did not get all of it: the pictures, whose packets all viewers share, and
 * from which number on they had them.
 */
export class ResendBuffer {
  readonly #pictures: SentPicture[] = [];
  #packets = 0;

  keep(sent: SentPicture): void {
    this.#pictures.push(sent);
    this.#packets += sent.packets;
    for (
      let [oldest] = this.#pictures;
      oldest !== undefined && this.#isTooOld(oldest, sent.at);
      [oldest] = this.#pictures
    ) {
      this.#packets -= oldest.packets;
      this.#pictures.shift();
    }
  }

  /** The pictures that have one of these packets. @param sequences numbers */
  holding(sequences: readonly number[]): SentPicture[] {
    return this.#pictures.filter(({ first, packets }) =>
      sequences.some((sequence) => (sequence - first + 2 ** 16) % 2 ** 16 < packets),
    );
  }

  #isTooOld({ at }: SentPicture, now: number): boolean {
    return now - at > keptFor || (this.#packets > mostPackets && this.#pictures.length > 1);
  }
}
