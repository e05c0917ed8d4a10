/** The byte stream of ITU-T H.264 annex B and H.265 annex B: NAL units behind start codes. */

/** A NAL unit where it was found in a byte stream. */
export interface PlacedUnit {
  /** The unit from its header on, without its start code and without the zeros that may follow it. */
  readonly unit: Buffer;
  /** Where its start code begins: at the fourth zero of a long one. */
  readonly at: number;
}

/**
 * Finds the NAL units of a byte stream one by one, so that a reader of the first few does not pay for the rest. Bytes before
 * the first start code and empty units are skipped.
 */
export function* findUnits(data: Buffer): Generator<PlacedUnit> {
  for (let code = data.indexOf(startCode); code !== -1; ) {
    const begin = code + startCode.length;
    const next = data.indexOf(startCode, begin);
    let end = next === -1 ? data.length : next;
    // A unit ends with a stop bit, so zeros behind it belong to the byte stream (annex B.1: trailing_zero_8bits).
    while (end > begin && data[end - 1] === 0) {
      end--;
    }
    if (end > begin) {
      yield { unit: data.subarray(begin, end), at: code > 0 && data[code - 1] === 0 ? code - 1 : code };
    }
    code = next;
  }
}

/** All NAL units of a byte stream. */
export function splitAnnexB(data: Buffer): Buffer[] {
  return Array.from(findUnits(data), ({ unit }) => unit);
}

/** NAL units as a byte stream; each gets a start code of four bytes, as annex B wants before parameter sets. */
export function joinAnnexB(units: readonly Buffer[]): Buffer {
  const joined = Buffer.allocUnsafe(units.reduce((sum, { length }) => sum + longStartCode.length + length, 0));
  let at = 0;
  for (const unit of units) {
    joined.set(longStartCode, at);
    joined.set(unit, at + longStartCode.length);
    at += longStartCode.length + unit.length;
  }
  return joined;
}

const startCode = Buffer.from([0, 0, 1]);
const longStartCode = Buffer.from([0, 0, 0, 1]);
