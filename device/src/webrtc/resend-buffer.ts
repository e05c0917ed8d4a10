/**
 * How long pictures are kept, in milliseconds: a browser asks again every round trip, until it gives a picture up. And how
 * many packets at the most: SRTP takes no older one a second time (libdatachannel's window is 1024, see RFC 3711 section
 * 3.3.2).
 */
const keptFor = 2000;
const mostPackets = 1000;

/** A track sends a picture as these packets. */
export interface SentPicture {
  /** Shared by all viewers, so without what a track has for itself in their headers. */
  readonly packets: readonly Buffer[];
  /** RTP, 90 kHz. */
  readonly timestamp: number;
  readonly payloadType: number;
}

/** One packet of a picture. */
export interface SentPacket {
  readonly picture: SentPicture;
  /** Its place in the picture. */
  readonly index: number;
}

/** A place for a picture. */
interface Place {
  packets: readonly Buffer[];
  timestamp: number;
  payloadType: number;
  /** The sequence number of its first packet. */
  first: number;
  /** When it was sent, in milliseconds. */
  at: number;
  /** When each packet was sent again, by sequence number; null if none was. */
  resentAt: Map<number, number> | null;
}

/**
 * Remembers what one track sent lately, for a browser that did not get all of it: the pictures, whose packets all viewers
 * share, and the sequence numbers that this track gave them. Each picture takes the place of one that is too old: with
 * thousands of pictures a second for all viewers, objects that live two seconds would be most of the garbage collector's
 * work, and that a seventh of the device's.
 */
export class ResendBuffer {
  /** A ring; as many as were ever taken at a time, and up to twice as many. */
  #places: Place[] = [newPlace()];
  /** The place of the oldest picture, and how many there are, in the order of their numbers and without gaps. */
  #oldest = 0;
  #count = 0;
  #packets = 0;

  /**
   * @param timestamp RTP, 90 kHz
   * @param first the sequence number of its first packet
   * @param at when it is sent, in milliseconds
   * @returns the picture, until others are kept
   */
  keep(packets: readonly Buffer[], timestamp: number, payloadType: number, first: number, at: number): SentPicture {
    if (this.#count === this.#places.length) {
      this.#grow();
    }
    const place = this.#nth(this.#count);
    place.packets = packets;
    place.timestamp = timestamp;
    place.payloadType = payloadType;
    place.first = first;
    place.at = at;
    this.#count++;
    this.#packets += packets.length;
    while (this.#isTooOld(this.#nth(0), at)) {
      this.#forget(this.#nth(0));
    }
    return place;
  }

  /**
   * The packet of this number, which is to be sent again now.
   * @param interval milliseconds in which no packet is sent again twice
   * @returns null if it is not here, or was sent again just now
   */
  take(sequence: number, now: number, interval: number): SentPacket | null {
    const sent = this.#find(sequence);
    if (sent === null || now - (sent.resentAt?.get(sequence) ?? Number.NEGATIVE_INFINITY) < interval) {
      return null;
    }
    sent.resentAt ??= new Map();
    sent.resentAt.set(sequence, now);
    return { picture: sent, index: distance(sent.first, sequence) };
  }

  #nth(index: number): Place {
    return this.#places[(this.#oldest + index) % this.#places.length] as Place;
  }

  #grow(): void {
    const inOrder = Array.from(this.#places, (_, index) => this.#nth(index));
    this.#places = [...inOrder, ...Array.from(inOrder, newPlace)];
    this.#oldest = 0;
  }

  /** @param place of the oldest picture */
  #forget(place: Place): void {
    this.#packets -= place.packets.length;
    place.packets = none;
    place.resentAt = null;
    this.#oldest = (this.#oldest + 1) % this.#places.length;
    this.#count--;
  }

  /** A binary search: a packet may name thousands of numbers. */
  #find(sequence: number): Place | null {
    const oldest = this.#nth(0).first;
    const place = distance(oldest, sequence);
    if (place >= this.#packets || place < this.#packets - mostPackets) {
      return null;
    }
    let low = 0;
    let high = this.#count;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (distance(oldest, this.#nth(middle).first) <= place) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return this.#nth(low);
  }

  #isTooOld({ at }: Place, now: number): boolean {
    return now - at > keptFor || (this.#packets > mostPackets && this.#count > 1);
  }
}

const none: readonly Buffer[] = [];

function newPlace(): Place {
  return { packets: none, timestamp: 0, payloadType: 0, first: 0, at: 0, resentAt: null };
}

/** How many numbers later the second one is; they begin again after 16 bits. */
function distance(first: number, second: number): number {
  return (second - first + 2 ** 16) % 2 ** 16;
}
