/**
 * How long packets are kept, in milliseconds: a browser asks again every round trip, until it gives a picture up. And how
 * many at the most: older ones are outside of the window in which SRTP takes a packet a second time (libdatachannel's is
 * 1024, see RFC 3711 section 3.3.2).
 */
const keptFor = 2000;
const mostPackets = 1000;

interface SentPicture {
  packets: readonly Buffer[];
  /** Sequence number. */
  first: number;
  at: number;
}

/** The packets that one track sent lately, for a browser that did not get them all. */
export class ResendBuffer {
  readonly #pictures: SentPicture[] = [];
  #packets = 0;

  /** @param packets of one picture, numbered one after the other @param now milliseconds */
  keep(packets: readonly Buffer[], now: number): void {
    const [first] = packets;
    if (first === undefined) {
      return;
    }
    this.#pictures.push({ packets, first: sequenceOf(first), at: now });
    this.#packets += packets.length;
    for (
      let [oldest] = this.#pictures;
      oldest !== undefined && this.#isTooOld(oldest, now);
      [oldest] = this.#pictures
    ) {
      this.#packets -= oldest.packets.length;
      this.#pictures.shift();
    }
  }

  /** @param sequence number; undefined where the packet is no longer there */
  find(sequence: number): Buffer | undefined {
    for (const { first, packets } of this.#pictures) {
      const place = (sequence - first + 2 ** 16) % 2 ** 16;
      if (place < packets.length) {
        return packets[place];
      }
    }
    return undefined;
  }

  #isTooOld({ at }: SentPicture, now: number): boolean {
    return now - at > keptFor || (this.#packets > mostPackets && this.#pictures.length > 1);
  }
}

function sequenceOf(packet: Buffer): number {
  return packet.readUInt16BE(2);
}
