import type { AccessUnit, Codec, StreamFormat } from './access-unit.ts';
import { findUnits } from './annex-b.ts';
import { nalType, parameterSetTypes, readNalUnit } from './nal-unit.ts';
import type { SequenceFormat } from './sequence-format.ts';
import { readSps } from './sps.ts';

/** H.264's High profile: those above it have more bits or more colours. */
const highProfile = 100;
/** H.264 table 7-1. */
const idrSlice = 5;

/**
 * Learns from a source's key frames what its pictures are, and whether a browser can take them as they are. Both may change
 * with any picture.
 */
export class CodedFormat {
  readonly #codec: Codec;
  #sps: Buffer | null = null;
  #sequence: SequenceFormat | null = null;
  #format: StreamFormat | null = null;
  #hasIdr = true;
  #isOutOfOrder = false;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Null before the first key frame whose parameter sets can be read. */
  get format(): StreamFormat | null {
    return this.#format;
  }

  get hasBFrames(): boolean {
    return this.#isOutOfOrder || (this.#sequence?.reorder ?? 0) > 0;
  }

  /** Why no browser takes the pictures as they are; null where one might. */
  get mismatch(): string | null {
    if (this.#codec === 'H264' && (this.#sequence?.profile ?? 0) > highProfile) {
      return 'is H264 in a profile that no browser takes';
    }
    if (!this.#hasIdr) {
      return 'has no IDR pictures, and a browser can begin with no others';
    }
    return this.hasBFrames ? 'has B-frames, which WebRTC has not' : null;
  }

  /** @returns whether what is known may have changed */
  take({ keyframe, timestamp, data }: AccessUnit): boolean {
    const isLate = timestamp < this.#newest && !keyframe && !this.#isOutOfOrder;
    this.#isOutOfOrder ||= isLate;
    this.#newest = timestamp;
    return keyframe ? this.#takeKeyframe(data) || isLate : isLate;
  }

  #takeKeyframe(data: Buffer): boolean {
    let changed = false;
    for (const { unit } of findUnits(data)) {
      const { type, isSlice } = readNalUnit(unit, this.#codec);
      if (isSlice) {
        const losesIdr = this.#hasIdr && this.#codec === 'H264' && type !== idrSlice;
        this.#hasIdr &&= !losesIdr;
        return changed || losesIdr;
      }
      if (
        nalType(unit.readUInt8(0), this.#codec) === parameterSetTypes[this.#codec].at(-2) &&
        !this.#sps?.equals(unit)
      ) {
        this.#sps = Buffer.from(unit);
        this.#learn(readSps(unit, this.#codec));
        changed = true;
      }
    }
    return changed;
  }

  /** @param sequence null if it cannot be read, and the one before stands */
  #learn(sequence: SequenceFormat | null): void {
    if (sequence !== null) {
      const { profile, width, height, aspect } = sequence;
      this.#sequence = sequence;
      this.#format = {
        codec: this.#codec,
        ...(this.#codec === 'H265' ? { profile } : {}),
        width,
        height,
        ...(aspect === 1 ? {} : { aspect }),
      };
    }
  }
}
