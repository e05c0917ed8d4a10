import type { CodedPicture } from './rtp-packetizer.ts';

/**
 * How long pictures are kept, in milliseconds: a browser asks again every round trip, until it gives a picture up. And how
 * many packets at the most: SRTP takes no older one a second time (libdatachannel's window is 1024, see RFC 3711 section
 * 3.3.2).
 */
const keptFor = 2000;
const mostPackets = 1000;

interface Kept {
  readonly picture: CodedPicture;
  /** The sequence number of its first packet. */
  readonly first: number;
  readonly packets: number;
  /** Milliseconds. */
  readonly at: number;
  /** When each packet was sent again, by sequence number; null if none was. */
  resentAt: Map<number, number> | null;
}

/** One packet of a picture. */
export interface SentPacket {
  picture: CodedPicture;
  /** Its place in the picture. */
  index: number;
}

/**
 * Remembers what one track sent lately, for a browser that did not get all of it: the pictures, whose packets all viewers
 * share, and the sequence numbers that this track gave them.
 */
export class ResendBuffer {
  /** In the order of their numbers, without gaps. */
  readonly #pictures: Kept[] = [];
  #packets = 0;

  /**
   * @param first the sequence number of its first packet
   * @param at when it was sent, in milliseconds
   */
  keep(picture: CodedPicture, first: number, packets: number, at: number): void {
    this.#pictures.push({ picture, first, packets, at, resentAt: null });
    this.#packets += packets;
    for (
      let oldest = this.#pictures[0];
      oldest !== undefined && this.#isTooOld(oldest, at);
      oldest = this.#pictures[0]
    ) {
      this.#packets -= oldest.packets;
      this.#pictures.shift();
    }
  }

  /**
   * The packet of this number, which is to be sent again now.
   * @param interval milliseconds in which no packet is sent again twice
   * @returns null if it is not here, or was sent again just now
   */
  take(sequence: number, now: number, interval: number): SentPacket | null {
    const sent = this.#find(sequence);
    if (sent === undefined || now - (sent.resentAt?.get(sequence) ?? Number.NEGATIVE_INFINITY) < interval) {
      return null;
    }
    sent.resentAt ??= new Map();
    sent.resentAt.set(sequence, now);
    return { picture: sent.picture, index: distance(sent.first, sequence) };
  }

  /** A binary search: a packet may name thousands of numbers. */
  #find(sequence: number): Kept | undefined {
    const oldest = this.#pictures[0]?.first ?? 0;
    const place = distance(oldest, sequence);
    if (place >= this.#packets || place < this.#packets - mostPackets) {
      return undefined;
    }
    let low = 0;
    let high = this.#pictures.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (distance(oldest, this.#pictures[middle]?.first ?? 0) <= place) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return this.#pictures[low];
  }

  #isTooOld({ at }: Kept, now: number): boolean {
    return now - at > keptFor || (this.#packets > mostPackets && this.#pictures.length > 1);
  }
}

/** How many numbers later the second one is; they begin again after 16 bits. */
function distance(first: number, second: number): number {
  return (second - first + 2 ** 16) % 2 ** 16;
}
