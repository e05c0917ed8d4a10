import type { Codec } from '../streams/access-unit.ts';

/** What the first bytes of a NAL unit tell of the picture it belongs to. */
export interface NalUnit {
  readonly isSlice: boolean;
  /** The first one of its picture can have nothing of that picture's slices before it. */
  readonly beginsPicture: boolean;
  /** Belongs behind the slices of its picture. */
  readonly isTrailer: boolean;
  /** Marks its picture as one that a decoder can begin with. */
  readonly isKey: boolean;
}

/** @param unit without its start code; a part from its beginning will do */
export function readNalUnit(unit: Buffer, codec: Codec): NalUnit {
  return codec === 'H264' ? readH264(unit) : readH265(unit);
}

/** ITU-T H.264: table 7-1, and section 7.4.1.2.3 for what begins a picture. */
function readH264(unit: Buffer): NalUnit {
  const type = (unit[0] ?? 0) & 0x1f;
  const isSlice = type >= 1 && type <= 5;
  // Data partitions B and C (3, 4) have no first_mb_in_slice; of the others it is 0 where its first bit is set.
  const isFirst = isSlice && type !== 3 && type !== 4 && hasTopBit(unit[1]);
  return {
    isSlice,
    beginsPicture: isFirst || (type >= 6 && type <= 9) || (type >= 14 && type <= 18),
    isTrailer: type >= 10 && type <= 12,
    isKey: type === 5 || (type === 6 && isRecoveryPoint(unit)),
  };
}

/** ITU-T H.265: table 7-1, and section 7.4.2.4.4 for what begins a picture. */
function readH265(unit: Buffer): NalUnit {
  const type = ((unit[0] ?? 0) >> 1) & 0x3f;
  const isSlice = type <= 31;
  return {
    isSlice,
    beginsPicture:
      (isSlice && hasTopBit(unit[2])) ||
      (type >= 32 && type <= 35) ||
      type === 39 ||
      (type >= 41 && type <= 44) ||
      (type >= 48 && type <= 55),
    isTrailer: (type >= 36 && type <= 38) || type === 40,
    isKey: type >= 16 && type <= 23,
  };
}

function hasTopBit(byte: number | undefined): boolean {
  return ((byte ?? 0) & 0x80) !== 0;
}

/** Whether one of the messages in an SEI says that decoding may begin here (H.264 sections 7.3.2.3.1 and D.1.8). */
function isRecoveryPoint(sei: Buffer): boolean {
  const recoveryPoint = 6;
  // Two bytes at the least for a message, and one of trailing bits behind the last.
  for (let at = 1; at + 2 < sei.length; ) {
    const [type, behindType] = readVariable(sei, at);
    const [size, behindSize] = readVariable(sei, behindType);
    if (type === recoveryPoint) {
      return true;
    }
    at = behindSize + size;
  }
  return false;
}

/** A number in bytes of 255 and a last one that is less; and where it ends. */
function readVariable(data: Buffer, start: number): [value: number, end: number] {
  let at = start;
  let value = 0;
  while (data[at] === 255) {
    value += 255;
    at++;
  }
  return [value + (data[at] ?? 0), at + 1];
}
