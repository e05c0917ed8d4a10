/** The byte stream of ITU-T H.264 annex B and H.265 annex B: start codes and NAL unit types. */

export type NalCodec = 'H264' | 'H265';

/** Parameter sets: SPS and PPS; H.265 has a VPS before them (H.264 table 7-1, H.265 table 7-1). */
const parameterSets: Record<NalCodec, readonly number[]> = { H264: [7, 8], H265: [32, 33, 34] };
/** Slices: the parameter sets that a picture needs stand before its first one. */
const isSlice: Record<NalCodec, (type: number) => boolean> = {
  H264: (type) => type >= 1 && type <= 5,
  H265: (type) => type <= 31,
};

/** A key frame with its parameter sets before it: many cameras say them only once, in the SDP. */
export function withParameterSets(data: Buffer, extradata: Buffer | null, codec: NalCodec): Buffer {
  const missing = new Set(parameterSets[codec]);
  for (const type of nalTypes(data, codec)) {
    if (isSlice[codec](type)) {
      break;
    }
    missing.delete(type);
  }
  return missing.size === 0 || extradata === null ? data : Buffer.concat([extradata, data]);
}

function* nalTypes(data: Buffer, codec: NalCodec): Generator<number> {
  for (let at = data.indexOf(startCode); at !== -1; at = data.indexOf(startCode, at + 3)) {
    const header = data[at + 3];
    if (header !== undefined) {
      yield codec === 'H264' ? header & 0x1f : (header >> 1) & 0x3f;
    }
  }
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
