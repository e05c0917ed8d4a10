import { BitReader, readable, withEmulationPrevention, withoutEmulationPrevention } from './bit-reader.ts';
import { readAspect, type SequenceFormat } from './sequence-format.ts';

/** Profiles whose set tells the chroma format (H.264 section 7.3.2.1.1). */
const withChroma = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** Reads a sequence parameter set of H.264 (section 7.3.2.1.1). Throws RangeError where it is broken. */
export function readH264Sps(unit: Buffer): SequenceFormat {
  const bits = new BitReader(unit);
  return { ...readPicture(bits), ...(bits.flag() ? readVui(bits) : { aspect: 1, reorder: 0 }) };
}

/** Reads everything before vui_parameters_present_flag. */
function readPicture(bits: BitReader): Omit<SequenceFormat, 'aspect' | 'reorder'> {
  bits.pass(8);
  const profile = bits.read(8);
  bits.pass(16);
  bits.ue();
  let chroma = 1;
  let [lumaDepth, chromaDepth] = [8, 8];
  if (withChroma.has(profile)) {
    chroma = bits.ue();
    if (chroma === 3) {
      bits.pass(1);
    }
    lumaDepth = 8 + bits.ue();
    chromaDepth = 8 + bits.ue();
    bits.pass(1);
    if (bits.flag()) {
      skipScalingMatrix(bits, chroma === 3 ? 12 : 8);
    }
  }
  bits.ue();
  const order = bits.ue();
  if (order === 0) {
    bits.ue();
  } else if (order === 1) {
    bits.pass(1);
    bits.ue();
    bits.ue();
    for (let left = Math.min(bits.ue(), 255); left > 0; left--) {
      bits.ue();
    }
  }
  bits.ue();
  bits.pass(1);
  const width = 16 * (bits.ue() + 1);
  const mapUnits = bits.ue() + 1;
  const areFrames = bits.flag();
  const height = 16 * mapUnits * (areFrames ? 1 : 2);
  bits.pass(areFrames ? 1 : 2);
  const crop = bits.flag() ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * (areFrames ? 1 : 2);
  return {
    profile,
    width: width - unitX * (left + right),
    height: height - unitY * (top + bottom),
    chroma,
    lumaDepth,
    chromaDepth,
  };
}

/** The parts of the VUI that matter here (H.264 section E.1.1). */
function readVui(bits: BitReader): { aspect: number; reorder: number } {
  let aspect = 1;
  try {
    aspect = readAspect(bits);
    return { aspect, reorder: readReorder(bits) };
  } catch (error) {
    if (error instanceof RangeError) {
      return { aspect, reorder: 0 };
    }
    throw error;
  }
}

/** Skips what stands between the VUI's aspect ratio and its timing_info_present_flag. */
function skipToTiming(bits: BitReader): void {
  if (bits.flag()) {
    bits.pass(1);
  }
  if (bits.flag()) {
    bits.pass(4);
    if (bits.flag()) {
      bits.pass(24);
    }
  }
  if (bits.flag()) {
    bits.ue();
    bits.ue();
  }
}

/** max_num_reorder_frames, the last but one of the VUI; 0 where it is left out. The VUI's aspect ratio was read. */
function readReorder(bits: BitReader): number {
  skipToTiming(bits);
  if (bits.flag()) {
    bits.pass(timingBits);
  }
  const hasNal = bits.flag();
  if (hasNal) {
    skipHrd(bits);
  }
  const hasVcl = bits.flag();
  if (hasVcl) {
    skipHrd(bits);
  }
  bits.pass(hasNal || hasVcl ? 2 : 1);
  if (!bits.flag()) {
    return 0;
  }
  bits.pass(1);
  for (let left = 4; left > 0; left--) {
    bits.ue();
  }
  return bits.ue();
}

function skipHrd(bits: BitReader): void {
  const count = Math.min(bits.ue(), 31) + 1;
  bits.pass(8);
  for (let left = count; left > 0; left--) {
    bits.ue();
    bits.ue();
    bits.pass(1);
  }
  bits.pass(20);
}

function skipScalingMatrix(bits: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (!bits.flag()) {
      continue;
    }
    let [last, next] = [8, 8];
    for (let entry = list < 6 ? 16 : 64; entry > 0; entry--) {
      next = next === 0 ? 0 : (last + bits.se() + 256) % 256;
      last = next === 0 ? last : next;
    }
  }
}

/** num_units_in_tick, time_scale, fixed_frame_rate_flag. */
const timingBits = 32 + 32 + 1;

/**
 * Lets an H.264 sequence parameter set promise one picture a second. GStreamer's parser takes that for the pictures' duration,
 * whatever the container says, and WebKitGTK drops the pictures that follow one after more than two durations: with the rate that
 * a camera promises, it would show the key frames alone of a camera that sends fewer.
 * @param unit from its header on
 * @returns the unit as it was if it cannot be read
 */
export function withSlowTiming(unit: Buffer): Buffer {
  const payload = withoutEmulationPrevention(unit);
  const bits = new BitReader(unit);
  try {
    readPicture(bits);
    const vuiAt = bits.at;
    let timingAt = vuiAt;
    let skipped = 1;
    const hasVui = bits.flag();
    if (hasVui) {
      readAspect(bits);
      skipToTiming(bits);
      timingAt = bits.at;
      skipped = bits.flag() ? 1 + timingBits : 1;
    }
    const all = Array.from(payload, (byte) => byte.toString(2).padStart(8, '0')).join('');
    const timing = `1${'1'.padStart(32, '0')}${'10'.padStart(32, '0')}0`;
    // A new VUI tells neither what stands before the timing nor what stands behind it.
    const vui = hasVui ? timing : `10000${timing}0000`;
    const changed = all.slice(0, timingAt) + vui + all.slice(timingAt + skipped);
    // The last bit that is set ends the payload (rbsp_trailing_bits).
    const trimmed = changed.slice(0, changed.lastIndexOf('1') + 1);
    const isWhole = unit.length <= readable && timingAt + skipped < all.length;
    return isWhole ? withEmulationPrevention(trimmed) : unit;
  } catch (error) {
    if (error instanceof RangeError) {
      return unit;
    }
    throw error;
  }
}
