/** Reads and writes the bits of parameter sets (H.264 section 7.4.1, which H.265 shares). */

/** Bytes of a parameter set that are read at most: a set is short. */
export const readable = 1024;

/** A parameter set's payload (H.264 section 7.4.1), or as much of it as is read. */
export function withoutEmulationPrevention(unit: Buffer): Buffer {
  const bytes = unit.subarray(0, readable);
  return Buffer.from(bytes.filter((byte, at) => !(byte === 3 && at > 1 && bytes[at - 1] === 0 && bytes[at - 2] === 0)));
}

/** Makes a payload a unit again. @param payload bits, of which the last byte may lack some that are 0 */
export function withEmulationPrevention(payload: string): Buffer {
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

/** The bits of a NAL unit without its emulation prevention. Throws RangeError beyond the end. */
export class BitReader {
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

  pass(count: number): void {
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
