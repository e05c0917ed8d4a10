import type { Codec } from './access-unit.ts';
import { findUnits } from './annex-b.ts';

/** NAL unit types of the parameter sets, in the order in which a decoder needs them: (VPS,) SPS, PPS. */
export const parameterSetTypes: Record<Codec, readonly number[]> = { H264: [7, 8], H265: [32, 33, 34] };

/** The facts that the first bytes of a NAL unit tell about its picture. */
export interface NalUnit {
  /** nal_unit_type (H.264 table 7-1, H.265 table 7-1). */
  readonly type: number;
  readonly isSlice: boolean;
  /** If a slice of the picture before precedes this unit, a new picture begins with it. */
  readonly beginsPicture: boolean;
  /** Follows the slices of its picture. */
  readonly isTrailer: boolean;
  /** A decoder can start with its picture: IDR or IRAP, or H.264's recovery point. */
  readonly isKey: boolean;
  /** A delimiter or filler data, which decoders do not need. */
  readonly isDisposable: boolean;
}

/** @param header the first byte of a NAL unit */
export function nalType(header: number, codec: Codec): number {
  return codec === 'H264' ? header & 0x1f : (header >> 1) & 0x3f;
}

/** @param unit without its start code; its first bytes are enough */
export function readNalUnit(unit: Buffer, codec: Codec): NalUnit {
  return readers[codec](unit, nalType(unit[0] ?? 0, codec));
}

/** The type of a picture's first slice; null if it has no slice. */
export function firstSliceType(data: Buffer, codec: Codec): number | null {
  for (const { unit } of findUnits(data)) {
    const { type, isSlice } = readNalUnit(unit, codec);
    if (isSlice) {
      return type;
    }
  }
  return null;
}

const readers: Record<Codec, (unit: Buffer, type: number) => NalUnit> = { H264: readH264, H265: readH265 };

/** ITU-T H.264: table 7-1, and section 7.4.1.2.3 for what begins a picture. */
function readH264(unit: Buffer, type: number): NalUnit {
  const isSlice = type >= 1 && type <= 5;
  // Data partitions B and C (3, 4) have no first_mb_in_slice. Elsewhere its code is one set bit if it is 0.
  const isFirst = isSlice && type !== 3 && type !== 4 && hasTopBit(unit[1]);
  return {
    type,
    isSlice,
    beginsPicture: isFirst || (type >= 6 && type <= 9) || (type >= 14 && type <= 18),
    isTrailer: type >= 10 && type <= 12,
    isKey: type === 5 || (type === 6 && isRecoveryPoint(unit)),
    isDisposable: type === 9 || type === 12,
  };
}

/** ITU-T H.265: table 7-1, and section 7.4.2.4.4 for what begins a picture. */
function readH265(unit: Buffer, type: number): NalUnit {
  const isSlice = type <= 31;
  return {
    type,
    isSlice,
    beginsPicture:
      (isSlice && hasTopBit(unit[2])) ||
      (type >= 32 && type <= 35) ||
      type === 39 ||
      (type >= 41 && type <= 44) ||
      (type >= 48 && type <= 55),
    isTrailer: (type >= 36 && type <= 38) || type === 40,
    isKey: type >= 16 && type <= 23,
    isDisposable: type === 35 || type === 38,
  };
}

function hasTopBit(byte: number | undefined): boolean {
  return ((byte ?? 0) & 0x80) !== 0;
}

/** Whether one of the messages in an SEI is a recovery point (H.264 sections 7.3.2.3.1 and D.1.8). */
function isRecoveryPoint(sei: Buffer): boolean {
  const recoveryPoint = 6;
  // A message takes two bytes at least, and one of trailing bits follows the last message.
  for (let at = 1; at + 2 < sei.length; ) {
    const [type, afterType] = readVariable(sei, at);
    const [size, afterSize] = readVariable(sei, afterType);
    if (type === recoveryPoint) {
      return true;
    }
    at = afterSize + size;
  }
  return false;
}

/** A number as SEI messages write it: bytes of 255, and a last byte that is less. */
function readVariable(data: Buffer, start: number): [value: number, end: number] {
  let at = start;
  let value = 0;
  while (data[at] === 255) {
    value += 255;
    at++;
  }
  return [value + (data[at] ?? 0), at + 1];
}
