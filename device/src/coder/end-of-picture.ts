import type { Codec } from '../media/access-unit.ts';

/** Fragmented units that must have agreed before it is believed how the camera cuts them. */
const fragmentEvidence = 3;
/** Pictures in a row with the same number of slices before the next is expected to have it; fewer for the rare ones. */
const pictureEvidence = { key: 2, delta: 8 };
/** Bytes that no camera cuts: every IPv4 host takes packets of 576 (RFC 791 section 3.1), and most cameras make 1400. */
const smallestFragment = 512;
/** Wrong guesses after which none is made any more. */
const patience = 3;

/** Bytes of a start code and a NAL unit's header, which the first fragment of a unit has before its share of it. */
const overhead: Record<Codec, number> = { H264: 5, H265: 6 };

/**
 * Guesses when a picture is whole. A camera says so with the marker bit of its last RTP packet, which FFmpeg does not
 * hand on; the next picture says it as well, but that is one frame interval later.
 *
 * A camera cuts units that are too long for a packet into fragments of one size and a rest (RFC 6184 section 5.8,
 * RFC 7798 section 4.4.3), so a part that is smaller ends its unit; and it makes a picture of as many slices as the ones
 * before. Both are learnt by hindsight. A camera that cuts otherwise is believed only where the part is very small, and
 * one that breaks its habit a few times no more.
 */
export class EndOfPicture {
  readonly #overhead: number;
  /** Bytes of a unit in a fragment that is not its last; null before the first. */
  #fragment: number | null = null;
  #smallest = smallestFragment;
  #fragmentedUnits = 0;
  #isRegular = true;
  #mistakes = 0;
  readonly #slices = { key: { count: 0, agreed: 0 }, delta: { count: 0, agreed: 0 } };

  constructor(codec: Codec) {
    this.#overhead = overhead[codec];
  }

  /** A part turned out not to be the last of its unit. */
  sawFragment(part: Part): void {
    const bytes = this.#bytesOf(part);
    this.#isRegular &&= this.#fragment === null || this.#fragment === bytes;
    this.#fragment = bytes;
    this.#smallest = Math.min(this.#smallest, bytes);
    this.#fragmentedUnits += part.isFirst ? 1 : 0;
  }

  /** A picture is over for certain. */
  sawPicture(kind: PictureKind, count: number): void {
    const slices = this.#slices[kind];
    slices.agreed = slices.count === count ? slices.agreed + 1 : 1;
    slices.count = count;
  }

  /** A picture went on after it had been taken for whole. */
  sawMistake(): void {
    this.#mistakes++;
    this.#slices.key.agreed = 0;
    this.#slices.delta.agreed = 0;
  }

  /** @param last the newest part of a picture that has `count` slices, the last of them perhaps in parts yet */
  isLikely(kind: PictureKind, count: number, last: Part): boolean {
    const slices = this.#slices[kind];
    return (
      this.#mistakes < patience &&
      slices.agreed >= pictureEvidence[kind] &&
      slices.count === count &&
      (last.isAggregate || this.#bytesOf(last) < this.#limit)
    );
  }

  /** A part with less than this is the last of its unit. */
  get #limit(): number {
    const isKnown = this.#isRegular && this.#fragmentedUnits >= fragmentEvidence;
    return isKnown ? (this.#fragment ?? 0) : this.#smallest;
  }

  #bytesOf({ size, isFirst }: Part): number {
    return isFirst ? size - this.#overhead : size;
  }
}

export type PictureKind = 'key' | 'delta';

/** The piece of a picture that FFmpeg makes of one RTP packet. */
export interface Part {
  /** Bytes, with the start code where it has one. */
  readonly size: number;
  /** It begins with a unit, and does not go on with the one before. */
  readonly isFirst: boolean;
  /** It holds several units, all of them whole. */
  readonly isAggregate: boolean;
}
