import type { Codec } from './access-unit.ts';
import { findUnits, joinAnnexB } from './annex-b.ts';
import { parameterSetTypes, readNalUnit } from './nal-unit.ts';

/**
 * The parameter sets that are in force. Many cameras send them only once, in the SDP; others send them before each key
 * frame, and change the size of the picture with them.
 */
export class ParameterSets {
  readonly #codec: Codec;
  /** Annex B by NAL unit type; there may be several sets of one type. */
  readonly #sets = new Map<number, Buffer>();

  /** @param extradata what the source said before the first picture, in Annex B */
  constructor(codec: Codec, extradata: Buffer | null) {
    this.#codec = codec;
    this.#take(extradata ?? Buffer.alloc(0));
  }

  /** All of them, in Annex B and in the order that a decoder needs. */
  get data(): Buffer {
    const sets = parameterSetTypes[this.#codec].map((type) => this.#sets.get(type));
    return Buffer.concat(sets.filter((set) => set !== undefined));
  }

  /**
   * profile_idc of an H.264 camera, which follows the header of its sequence parameter set (H.264 section 7.3.2.1.1); null
   * while that is not known.
   */
  get profile(): number | null {
    const [sps] = findUnits(this.#sets.get(parameterSetTypes[this.#codec].at(-2) as number) ?? Buffer.alloc(0));
    return this.#codec === 'H264' ? (sps?.unit[1] ?? null) : null;
  }

  /** A set of each type is known. */
  get isComplete(): boolean {
    return parameterSetTypes[this.#codec].every((type) => this.#sets.has(type));
  }

  /** Takes the sets of a picture that is no key frame, or that is not passed on. */
  learn(data: Buffer): void {
    this.#take(data);
  }

  /** A key frame with its parameter sets before it. The sets that the key frame brings are in force from now on. */
  complete(keyframe: Buffer): Buffer {
    const brought = this.#take(keyframe);
    const isComplete = parameterSetTypes[this.#codec].every((type) => brought.has(type));
    return isComplete ? keyframe : Buffer.concat([this.data, keyframe]);
  }

  /** Takes the sets that precede the first slice. */
  #take(data: Buffer): ReadonlySet<number> {
    const found = new Map<number, Buffer[]>();
    for (const { unit } of findUnits(data)) {
      const { type, isSlice } = readNalUnit(unit, this.#codec);
      if (isSlice) {
        break;
      }
      if (parameterSetTypes[this.#codec].includes(type)) {
        found.set(type, [...(found.get(type) ?? []), unit]);
      }
    }
    for (const [type, units] of found) {
      // A copy: the memory of a packet belongs to FFmpeg.
      this.#sets.set(type, joinAnnexB(units));
    }
    return new Set(found.keys());
  }
}
