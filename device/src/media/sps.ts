import type { Codec } from './access-unit.ts';
import { readH264Sps } from './h264-sps.ts';
import { readH265Sps } from './h265-sps.ts';
import type { SequenceFormat } from './sequence-format.ts';

/** Pixels: what level 6.2 allows at the most. */
const largestSize = 16_888;
/** Bits a sample of any profile. */
const deepest = 16;

/**
 * Reads a sequence parameter set.
 * @param unit from its header on
 * @returns null if it is broken
 */
export function readSps(unit: Buffer, codec: Codec): SequenceFormat | null {
  try {
    const format = codec === 'H264' ? readH264Sps(unit) : readH265Sps(unit);
    const { width, height, chroma, lumaDepth, chromaDepth } = format;
    const isSane =
      [width, height].every((size) => size > 0 && size <= largestSize) &&
      chroma <= 3 &&
      Math.max(lumaDepth, chromaDepth) <= deepest;
    return isSane ? format : null;
  } catch (error) {
    if (error instanceof RangeError) {
      return null;
    }
    throw error;
  }
}
