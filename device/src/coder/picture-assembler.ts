import type { Codec } from '../media/access-unit.ts';
import { findUnits } from '../media/annex-b.ts';
import { readNalUnit } from '../media/nal-unit.ts';
import { EndOfPicture, type Part, type PictureKind } from './end-of-picture.ts';

/** One coded picture, with everything that stands before its slices. */
export interface Picture {
  /** Annex B. */
  readonly data: Buffer;
  /** In the time base of its parts. */
  readonly pts: bigint;
  readonly keyframe: boolean;
}

/**
 * Puts pictures together from what FFmpeg makes of RTP packets when it does not parse: NAL units with start codes, and
 * the later parts of such units without. Its own parser would hand a picture on only when the next one begins.
 */
export class PictureAssembler {
  readonly #codec: Codec;
  readonly #end: EndOfPicture;
  #parts: Buffer[] = [];
  #pts: bigint | null = null;
  #slices = 0;
  #keyframe = false;
  #last: Part | null = null;
  /** The time of a picture that was handed on before it was over for certain; what still comes of it is too late. */
  #early: bigint | null = null;

  constructor(codec: Codec) {
    this.#codec = codec;
    this.#end = new EndOfPicture(codec);
  }

  /** @returns the pictures that are whole now, mostly none or one */
  push(data: Buffer, pts: bigint): Picture[] {
    const whole: Picture[] = [];
    if (pts !== this.#pts) {
      this.#finish(whole);
      this.#early = null;
    }
    this.#pts = pts;
    const units = [...findUnits(data)];
    // No start code can stand inside of a unit, so a part that continues one has none.
    const part = { size: data.length, isFirst: units[0]?.at === 0, isAggregate: units.length > 1 };
    if (part.isFirst) {
      for (const [index, { unit, at }] of units.entries()) {
        // Zeros at the end stay: the next part may continue the last unit.
        this.#add(unit, data.subarray(at, units[index + 1]?.at ?? data.length), whole);
      }
    } else {
      this.#goOn(data);
    }
    this.#last = part;
    if (this.#slices > 0 && this.#end.isLikely(this.#kind, this.#slices, part)) {
      this.#early = pts;
      whole.push(this.#take(pts));
    }
    return whole;
  }

  /** @param unit from its header on @param bytes with its start code */
  #add(unit: Buffer, bytes: Buffer, whole: Picture[]): void {
    const { isSlice, beginsPicture, isTrailer, isKey } = readNalUnit(unit, this.#codec);
    if (this.#early !== null && !beginsPicture) {
      // Filler and the like are no loss; a slice is.
      if (!isTrailer) {
        this.#end.sawMistake();
      }
      return;
    }
    if (beginsPicture) {
      this.#finish(whole);
      this.#early = null;
    }
    if (isSlice && !beginsPicture && this.#slices === 0) {
      // The first slice was lost, or sent before we came: with the rest alone a decoder would show half a picture.
      this.#parts = [];
      this.#keyframe = false;
      return;
    }
    this.#parts.push(bytes);
    this.#slices += isSlice ? 1 : 0;
    this.#keyframe ||= isKey;
  }

  #goOn(data: Buffer): void {
    if (this.#last !== null) {
      this.#end.sawFragment(this.#last);
    }
    if (this.#early !== null) {
      this.#end.sawMistake();
    } else if (this.#parts.length > 0) {
      this.#parts.push(data);
    }
  }

  /** The picture so far is over for certain. */
  #finish(whole: Picture[]): void {
    if (this.#slices > 0 && this.#pts !== null) {
      this.#end.sawPicture(this.#kind, this.#slices);
      whole.push(this.#take(this.#pts));
    }
  }

  #take(pts: bigint): Picture {
    const picture = { data: Buffer.concat(this.#parts), pts, keyframe: this.#keyframe };
    this.#parts = [];
    this.#slices = 0;
    this.#keyframe = false;
    return picture;
  }

  get #kind(): PictureKind {
    return this.#keyframe ? 'key' : 'delta';
  }
}
