import { BitReader } from './bit-reader.ts';
import { readAspect, type SequenceFormat } from './sequence-format.ts';

/** Reads a sequence parameter set of H.265 (section 7.3.2.2). Throws RangeError where it is broken. */
export function readH265Sps(unit: Buffer): SequenceFormat {
  const bits = new BitReader(unit);
  bits.pass(16 + 4);
  const subLayers = bits.read(3);
  bits.pass(1 + 3);
  const profile = bits.read(5);
  bits.pass(32 + 48 + 8);
  const present = Array.from({ length: subLayers }, () => [bits.flag(), bits.flag()]);
  bits.pass(subLayers > 0 ? 2 * (8 - subLayers) : 0);
  for (const [hasProfile, hasLevel] of present) {
    bits.pass((hasProfile ? 88 : 0) + (hasLevel ? 8 : 0));
  }
  bits.ue();
  const chroma = bits.ue();
  if (chroma === 3) {
    bits.pass(1);
  }
  const [width, height] = [bits.ue(), bits.ue()];
  const crop = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const [lumaDepth, chromaDepth] = [8 + bits.ue(), 8 + bits.ue()];
  const orderBits = 4 + bits.ue();
  let reorder = 0;
  for (let layer = bits.flag() ? 0 : subLayers; layer <= subLayers; layer++) {
    bits.ue();
    reorder = bits.ue();
    bits.ue();
  }
  return {
    profile,
    width: width - (chroma === 1 || chroma === 2 ? 2 : 1) * (left + right),
    height: height - (chroma === 1 ? 2 : 1) * (top + bottom),
    aspect: readSequenceAspect(bits, orderBits, chroma),
    reorder,
    chroma,
    lumaDepth,
    chromaDepth,
  };
}

/** Reads on to the VUI behind the tools of the codec; 1 where that is broken. */
function readSequenceAspect(bits: BitReader, orderBits: number, chroma: number): number {
  try {
    for (let left = 6; left > 0; left--) {
      bits.ue();
    }
    if (bits.flag() && bits.flag()) {
      skipScalingLists(bits, chroma);
    }
    bits.pass(2);
    if (bits.flag()) {
      bits.pass(8);
      bits.ue();
      bits.ue();
      bits.pass(1);
    }
    skipReferenceSets(bits);
    if (bits.flag()) {
      for (let left = Math.min(bits.ue(), 32); left > 0; left--) {
        bits.pass(orderBits + 1);
      }
    }
    bits.pass(2);
    return bits.flag() ? readAspect(bits) : 1;
  } catch (error) {
    if (error instanceof RangeError) {
      return 1;
    }
    throw error;
  }
}

/** H.265 section 7.3.4. */
function skipScalingLists(bits: BitReader, chroma: number): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 && chroma !== 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.ue();
        continue;
      }
      for (let left = Math.min(64, 16 << (2 * size)) + (size > 1 ? 1 : 0); left > 0; left--) {
        bits.ue();
      }
    }
  }
}

/** H.265 section 7.3.7: a set may be told by what it has more or less than the one before. */
function skipReferenceSets(bits: BitReader): void {
  let pictures = 0;
  for (let set = 0, count = Math.min(bits.ue(), 64); set < count; set++) {
    if (set > 0 && bits.flag()) {
      bits.pass(1);
      bits.ue();
      let kept = 0;
      for (let left = pictures; left >= 0; left--) {
        // used_by_curr_pic_flag, or else use_delta_flag.
        kept += bits.flag() || bits.flag() ? 1 : 0;
      }
      pictures = Math.min(kept, 16);
    } else {
      pictures = Math.min(bits.ue(), 16) + Math.min(bits.ue(), 16);
      for (let left = pictures; left > 0; left--) {
        bits.ue();
        bits.pass(1);
      }
    }
  }
}
