import type { Codec } from '../media/access-unit.ts';
import { findUnits } from '../media/annex-b.ts';
import { readNalUnit } from '../media/nal-unit.ts';

/** One coded picture, with everything that stands before its slices. */
export interface Picture {
  /** Annex B. */
  readonly data: Buffer;
  /** In the time base of its parts. */
  readonly pts: bigint;
  readonly keyframe: boolean;
}

/**
 * Puts pictures together from FFmpeg's pieces of RTP packets, which it gives when it does not parse: NAL units with start
 * codes, and the later parts of such units without. A picture is whole when the next one begins, since FFmpeg hands on no
 * marker bit. FFmpeg's own parser waits as long, puts no bound on a picture that never ends, and keeps halves of pictures.
 */
export class PictureAssembler {
  readonly #codec: Codec;
  #parts: Buffer[] = [];
  #pts: bigint | null = null;
  #hasSlice = false;
  #keyframe = false;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** @returns the pictures that are whole now, mostly none or one */
  push(data: Buffer, pts: bigint): Picture[] {
    const whole: Picture[] = [];
    if (pts !== this.#pts) {
      this.#finish(whole);
    }
    this.#pts = pts;
    const units = [...findUnits(data)];
    if (units[0]?.at === 0) {
      for (const [index, { unit, at }] of units.entries()) {
        // Zeros at the end stay: the next part may continue the last unit.
        this.#add(unit, data.subarray(at, units[index + 1]?.at ?? data.length), whole);
      }
    } else if (this.#parts.length > 0) {
      // No start code can stand inside of a unit, so a part that continues one has none.
      this.#parts.push(data);
    }
    return whole;
  }

  /** @param unit from its header on @param bytes with its start code */
  #add(unit: Buffer, bytes: Buffer, whole: Picture[]): void {
    const { isSlice, beginsPicture, isKey } = readNalUnit(unit, this.#codec);
    if (beginsPicture) {
      this.#finish(whole);
    }
    if (isSlice && !beginsPicture && !this.#hasSlice) {
      // The first slice was lost, or sent before we came: with the rest alone a decoder would show half a picture.
      this.#parts = [];
      this.#keyframe = false;
      return;
    }
    this.#parts.push(bytes);
    this.#hasSlice ||= isSlice;
    this.#keyframe ||= isKey;
  }

  /** Another picture begins. Information that stands before the slices of that one stays. */
  #finish(whole: Picture[]): void {
    if (this.#hasSlice && this.#pts !== null) {
      whole.push({ data: Buffer.concat(this.#parts), pts: this.#pts, keyframe: this.#keyframe });
      this.#parts = [];
      this.#hasSlice = false;
      this.#keyframe = false;
    }
  }
}
