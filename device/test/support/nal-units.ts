/** The tests' own reading of Annex B: simple, and independent of the parser that they test. */

/** NAL units without start codes and the zeros around them. */
export function nalUnitsOf(data: Buffer): Buffer[] {
  const [, ...pieces] = data.toString('latin1').split('\0\0\x01');
  return pieces
    .map((piece) => {
      let end = piece.length;
      while (piece[end - 1] === '\0') {
        end--;
      }
      return Buffer.from(piece.slice(0, end), 'latin1');
    })
    .filter(({ length }) => length > 0);
}

/** Whether an H.264 unit is a slice (ITU-T H.264 table 7-1). */
export function isSlice(unit: Buffer): boolean {
  const type = unit.readUInt8(0) % 32;
  return type >= 1 && type <= 5;
}

/** The pictures of a raw H.264 recording, in Annex B. */
export function splitPictures(recording: Buffer): Buffer[] {
  const pictures: Buffer[][] = [];
  let hasSlice = true;
  for (const unit of nalUnitsOf(recording)) {
    // first_mb_in_slice is 0 if its first bit is set (H.264 section 7.3.3).
    if (hasSlice && (!isSlice(unit) || unit.readUInt8(1) >= 0x80)) {
      pictures.push([]);
      hasSlice = false;
    }
    pictures.at(-1)?.push(Buffer.from([0, 0, 0, 1]), unit);
    hasSlice ||= isSlice(unit);
  }
  return pictures.map((parts) => Buffer.concat(parts));
}
