import type { Codec } from '../streams/access-unit.ts';
import { headOf } from './annex-b.ts';

/** SPS and PPS; H.265 has a VPS before them (H.264 table 7-1, H.265 table 7-1). In the order in which they are sent. */
const types: Record<Codec, readonly number[]> = { H264: [7, 8], H265: [32, 33, 34] };

/**
 * The parameter sets that are in force. Many cameras say them only once, in the SDP; others say them before each key
 * frame, and change their size with them.
 */
export class ParameterSets {
  readonly #codec: Codec;
  /** By NAL unit type; there may be several of one. */
  readonly #sets = new Map<number, Buffer>();

  /** @param extradata what the source said before the first picture, in Annex B */
  constructor(codec: Codec, extradata: Buffer | null) {
    this.#codec = codec;
    this.#take(extradata ?? Buffer.alloc(0));
  }

  /** All of them, in Annex B. */
  get data(): Buffer {
    const sets = types[this.#codec].map((type) => this.#sets.get(type));
    return Buffer.concat(sets.filter((set) => set !== undefined));
  }

  /**
   * The profile that an H.264 camera says right behind the header of its sequence parameter set (H.264 section
   * 7.3.2.1.1); null where there is none.
   */
  get profile(): number | null {
    return this.#codec === 'H264'
      ? (this.#sets.get(types.H264[0] as number)?.[longStartCode.length + 1] ?? null)
      : null;
  }

  /** A key frame with its parameter sets before it; what it brings itself counts from now on. */
  complete(keyframe: Buffer): Buffer {
    const brought = this.#take(keyframe);
    return types[this.#codec].every((type) => brought.has(type)) ? keyframe : Buffer.concat([this.data, keyframe]);
  }

  #take(data: Buffer): ReadonlyMap<number, Buffer> {
    const found = new Map<number, Buffer>();
    for (const { type, data: set } of headOf(data, this.#codec)) {
      if (types[this.#codec].includes(type)) {
        // A copy: the packet's memory is FFmpeg's.
        found.set(type, Buffer.concat([found.get(type) ?? Buffer.alloc(0), longStartCode, set]));
      }
    }
    for (const [type, set] of found) {
      this.#sets.set(type, set);
    }
    return found;
  }
}

/** Parameter sets have the long one (H.264 and H.265, annex B). */
const longStartCode = Buffer.from([0, 0, 0, 1]);
