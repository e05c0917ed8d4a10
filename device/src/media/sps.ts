import type { Codec } from './access-unit.ts';

/** The picture format that a sequence parameter set declares. */
export interface SequenceFormat {
  /** profile_idc of H.264, general_profile_idc of H.265. */
  readonly profile: number;
  /** Pixels, without what is cropped. */
  readonly width: number;
  readonly height: number;
  /** How wide a pixel is against its height: 1 where it is square, and where that is not said or makes no sense. */
  readonly aspect: number;
  /** Pictures that may come before one that is shown earlier: above 0 with B-frames. 0 where it is not said. */
  readonly reorder: number;
  /** chroma_format_idc: 1 for 4:2:0. */
  readonly chroma: number;
  /** Bits a sample. */
  readonly lumaDepth: number;
  readonly chromaDepth: number;
}

/**
 * Reads a sequence parameter set: H.264 section 7.3.2.1.1, H.265 section 7.3.2.2.
 * @param unit from its header on
 * @returns null if it is broken
 */
export function readSps(unit: Buffer, codec: Codec): SequenceFormat | null {
  try {
    const bits = new BitReader(unit);
    const format = codec === 'H264' ? readH264(bits) : readH265(bits);
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

function readH264(bits: BitReader): SequenceFormat {
  return { ...readH264Picture(bits), ...(bits.flag() ? readVui(bits) : { aspect: 1, reorder: 0 }) };
}

/** Reads everything before vui_parameters_present_flag. */
function readH264Picture(bits: BitReader): Omit<SequenceFormat, 'aspect' | 'reorder'> {
  bits.skip(8);
  const profile = bits.read(8);
  bits.skip(16);
  bits.ue();
  let chroma = 1;
  let [lumaDepth, chromaDepth] = [8, 8];
  if (withChroma.has(profile)) {
    chroma = bits.ue();
    if (chroma === 3) {
      bits.skip(1);
    }
    lumaDepth = 8 + bits.ue();
    chromaDepth = 8 + bits.ue();
    bits.skip(1);
    if (bits.flag()) {
      skipScalingMatrix(bits, chroma === 3 ? 12 : 8);
    }
  }
  bits.ue();
  const order = bits.ue();
  if (order === 0) {
    bits.ue();
  } else if (order === 1) {
    bits.skip(1);
    bits.ue();
    bits.ue();
    for (let left = Math.min(bits.ue(), 255); left > 0; left--) {
      bits.ue();
    }
  }
  bits.ue();
  bits.skip(1);
  const width = 16 * (bits.ue() + 1);
  const mapUnits = bits.ue() + 1;
  const areFrames = bits.flag();
  const height = 16 * mapUnits * (areFrames ? 1 : 2);
  bits.skip(areFrames ? 1 : 2);
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

/** Pixel shapes by aspect_ratio_idc (H.264 table E-1, which H.265 shares), from 1 on. */
const shapes = [
  ...[1, 12 / 11, 10 / 11, 16 / 11, 40 / 33, 24 / 11, 20 / 11, 32 / 11],
  ...[80 / 33, 18 / 11, 15 / 11, 64 / 33, 160 / 99, 4 / 3, 3 / 2, 2],
];
const anyShape = 255;

/** Begins at aspect_ratio_info_present_flag, the first bit of a VUI. */
function readAspect(bits: BitReader): number {
  if (!bits.flag()) {
    return 1;
  }
  const name = bits.read(8);
  const aspect = name === anyShape ? bits.read(16) / bits.read(16) : (shapes[name - 1] ?? 1);
  return toAspect(aspect);
}

/** Those of broadcast formats are between 0.7 and 2.9; anything far from that, or no number, is a mistake. */
export function toAspect(aspect: number): number {
  return aspect >= 0.25 && aspect <= 4 ? aspect : 1;
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
    bits.skip(1);
  }
  if (bits.flag()) {
    bits.skip(4);
    if (bits.flag()) {
      bits.skip(24);
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
    bits.skip(timingBits);
  }
  const hasNal = bits.flag();
  if (hasNal) {
    skipHrd(bits);
  }
  const hasVcl = bits.flag();
  if (hasVcl) {
    skipHrd(bits);
  }
  bits.skip(hasNal || hasVcl ? 2 : 1);
  if (!bits.flag()) {
    return 0;
  }
  bits.skip(1);
  for (let left = 4; left > 0; left--) {
    bits.ue();
  }
  return bits.ue();
}

function skipHrd(bits: BitReader): void {
  const count = Math.min(bits.ue(), 31) + 1;
  bits.skip(8);
  for (let left = count; left > 0; left--) {
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  bits.skip(20);
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

function readH265(bits: BitReader): SequenceFormat {
  bits.skip(16 + 4);
  const subLayers = bits.read(3);
  bits.skip(1 + 3);
  const profile = bits.read(5);
  bits.skip(32 + 48 + 8);
  const present = Array.from({ length: subLayers }, () => [bits.flag(), bits.flag()]);
  bits.skip(subLayers > 0 ? 2 * (8 - subLayers) : 0);
  for (const [hasProfile, hasLevel] of present) {
    bits.skip((hasProfile ? 88 : 0) + (hasLevel ? 8 : 0));
  }
  bits.ue();
  const chroma = bits.ue();
  if (chroma === 3) {
    bits.skip(1);
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
    aspect: readH265Aspect(bits, orderBits, chroma),
    reorder,
    chroma,
    lumaDepth,
    chromaDepth,
  };
}

/** Reads on to the VUI behind the tools of the codec; 1 where that is broken. */
function readH265Aspect(bits: BitReader, orderBits: number, chroma: number): number {
  try {
    for (let left = 6; left > 0; left--) {
      bits.ue();
    }
    if (bits.flag() && bits.flag()) {
      skipScalingLists(bits, chroma);
    }
    bits.skip(2);
    if (bits.flag()) {
      bits.skip(8);
      bits.ue();
      bits.ue();
      bits.skip(1);
    }
    skipReferenceSets(bits);
    if (bits.flag()) {
      for (let left = Math.min(bits.ue(), 32); left > 0; left--) {
        bits.skip(orderBits + 1);
      }
    }
    bits.skip(2);
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
      bits.skip(1);
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
        bits.skip(1);
      }
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
    readH264Picture(bits);
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

/** @param payload bits, of which the last byte may lack some that are 0 */
function withEmulationPrevention(payload: string): Buffer {
  const bytes: number[] = [];
  for (let at = 0; at < payload.length; at += 8) {
    const byte = Number.parseInt(payload.slice(at, at + 8).padEnd(8, '0'), 2);
    if (byte <= 3 && bytes.length > 1 && bytes.at(-1) === 0 && bytes.at(-2) === 0) {
      bytes.push(3);
    }
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

/** Bytes of a parameter set that are read at most: a set is short. */
const readable = 1024;

/** A parameter set's payload (H.264 section 7.4.1), or as much of it as is read. */
export function withoutEmulationPrevention(unit: Buffer): Buffer {
  const bytes = unit.subarray(0, readable);
  return Buffer.from(bytes.filter((byte, at) => !(byte === 3 && at > 1 && bytes[at - 1] === 0 && bytes[at - 2] === 0)));
}

/** The bits of a NAL unit without its emulation prevention. Throws RangeError beyond the end. */
class BitReader {
  readonly #data: Buffer;
  #at = 0;

  constructor(unit: Buffer) {
    this.#data = withoutEmulationPrevention(unit);
  }

  /** How many bits were read. */
  get at(): number {
    return this.#at;
  }

  flag(): boolean {
    return this.read(1) === 1;
  }

  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) {
      const byte = this.#data.readUInt8(this.#at >> 3);
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
      this.#at++;
    }
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Exp-Golomb (H.264 section 9.1). */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) {
      zeros++;
      if (zeros > 31) {
        throw new RangeError('a number of more than 32 bits');
      }
    }
    return 2 ** zeros - 1 + this.read(zeros);
  }

  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** Profiles whose set tells the chroma format (H.264 section 7.3.2.1.1). */
const withChroma = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** Pixels: what level 6.2 allows at the most. */
const largestSize = 16_888;
/** Bits a sample of any profile. */
const deepest = 16;
