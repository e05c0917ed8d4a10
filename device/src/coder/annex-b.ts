/** The byte stream of ITU-T H.264 annex B and H.265 annex B: start codes and NAL unit types. */

import type { Codec } from '../streams/access-unit.ts';

export interface NalUnit {
  type: number;
  /** Without its start code. */
  data: Buffer;
}

/** Slices of a picture (H.264 table 7-1, H.265 table 7-1). */
const isSlice: Record<Codec, (type: number) => boolean> = {
  H264: (type) => type >= 1 && type <= 5,
  H265: (type) => type <= 31,
};

/** What stands before a picture's first slice. */
export function headOf(data: Buffer, codec: Codec): NalUnit[] {
  const head: NalUnit[] = [];
  for (let at = data.indexOf(startCode); at !== -1; ) {
    const type = typeOf(data[at + 3], codec);
    if (isSlice[codec](type)) {
      break;
    }
    const next = data.indexOf(startCode, at + 3);
    let end = next === -1 ? data.length : next;
    // Zeros may stand between two units; the first of a long start code is one of them.
    while (data[end - 1] === 0) {
      end--;
    }
    head.push({ type, data: data.subarray(at + 3, end) });
    at = next;
  }
  return head;
}

/** The type of a picture's first slice; null where it has none. */
export function firstSlice(data: Buffer, codec: Codec): number | null {
  for (let at = data.indexOf(startCode); at !== -1; at = data.indexOf(startCode, at + 3)) {
    const type = typeOf(data[at + 3], codec);
    if (isSlice[codec](type)) {
      return type;
    }
  }
  return null;
}

function typeOf(header = 0, codec: Codec): number {
  return codec === 'H264' ? header & 0x1f : (header >> 1) & 0x3f;
}

/**
 * The NAL units in a piece of a stream, if it begins with one; a piece that goes on with a unit has none of its own,
 * since no start code can stand inside of a unit.
 */
export function splitUnits(data: Buffer): { unit: Buffer; bytes: Buffer }[] {
  const starts: { at: number; header: number }[] = [];
  for (let code = data.indexOf(startCode); code !== -1; code = data.indexOf(startCode, code + 3)) {
    // Before three bytes of a start code there may be a fourth.
    starts.push({ at: code > 0 && data[code - 1] === 0 ? code - 1 : code, header: code + 3 });
  }
  if (starts[0]?.at !== 0) {
    return [];
  }
  return starts.map(({ at, header }, index) => {
    const end = starts[index + 1]?.at ?? data.length;
    return { unit: data.subarray(header, end), bytes: data.subarray(at, end) };
  });
}

const startCode = Buffer.from([0, 0, 1]);
