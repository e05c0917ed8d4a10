import type { Codec } from '../media/access-unit.ts';
import { findUnits } from '../media/annex-b.ts';
import { readNalUnit } from '../media/nal-unit.ts';

/** The content of one packet of a container. */
export interface ContainerPart {
  /** Annex B. */
  readonly data: Buffer;
  readonly keyframe: boolean;
  readonly pts: bigint;
  readonly dts: bigint;
}

/**
 * Makes one unit a picture of what a container cut in some other way: FLV, MP4 and Matroska from cameras have information
 * in packets of its own before a picture, and some have each slice in one. Information waits for its picture. A slice that
 * goes on with a picture can be waited for only once it is known that there are such: until the next picture begins.
 */
export class PictureJoiner {
  readonly #codec: Codec;
  #pending: { part: ContainerPart; hasSlice: boolean } | null = null;
  #cutsPictures = false;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** @returns the picture that is whole now, if any */
  push(part: ContainerPart): ContainerPart | null {
    const { hasSlice, goesOn } = this.#look(part.data);
    const pending = this.#pending;
    if (pending?.hasSlice && !goesOn) {
      this.#pending = { part: kept(part), hasSlice };
      return pending.part;
    }
    if (goesOn && pending === null) {
      // The picture that it belongs to is gone; the next one is waited for.
      this.#cutsPictures = true;
      return null;
    }
    const joined = pending === null ? part : join(pending.part, part);
    if (hasSlice && !this.#cutsPictures) {
      this.#pending = null;
      return joined;
    }
    this.#pending = { part: kept(joined), hasSlice: hasSlice || pending?.hasSlice === true };
    return null;
  }

  /** `goesOn`: it holds nothing of a picture's beginning, and so belongs to the picture before. */
  #look(data: Buffer): { hasSlice: boolean; goesOn: boolean } {
    let begins = false;
    let isTrailing = false;
    for (const { unit } of findUnits(data)) {
      const { isSlice, beginsPicture, isTrailer } = readNalUnit(unit, this.#codec);
      begins ||= beginsPicture;
      isTrailing ||= isTrailer;
      if (isSlice) {
        return { hasSlice: true, goesOn: !begins };
      }
    }
    return { hasSlice: false, goesOn: isTrailing && !begins && this.#pending !== null };
  }
}

/** The times are the later one's, which has the slices, or the first slice's. */
function join(first: ContainerPart, second: ContainerPart): ContainerPart {
  const { pts, dts } = second;
  return { data: Buffer.concat([first.data, second.data]), keyframe: first.keyframe || second.keyframe, pts, dts };
}

/** A packet's memory ends with the packet. */
function kept(part: ContainerPart): ContainerPart {
  return { ...part, data: Buffer.from(part.data) };
}
