/** The error for a picture of more bytes than one may have. */
export function tooLarge(bytes: number, mostBytes: number): Error {
  const sizes = [bytes, mostBytes].map((size) => (size / 2 ** 20).toFixed(1));
  return new Error(`the camera sends a picture of ${sizes[0]} MiB; multistream.picture_max_bytes allows ${sizes[1]}`);
}
