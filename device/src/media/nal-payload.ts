import type { Codec } from './access-unit.ts';
import { splitAnnexB } from './annex-b.ts';
import { nalType } from './nal-unit.ts';

/** Receives the NAL units that a depacketizer finds in RTP payloads. */
export interface UnitSink {
  /** A NAL unit begins. @param head its header and at least the first byte behind it, if it has one */
  begin(head: Buffer): void;
  /** A NAL unit is complete. */
  unit(unit: Buffer): void;
}

/**
 * Takes the NAL units out of RTP payloads: RFC 6184 for H.264 (single units, STAP-A, FU-A), RFC 7798 for H.265 (single units,
 * AP, FU). The packets must come in order; after a gap, `reset` drops a unit that was cut in two by it.
 */
export class NalPayloads {
  readonly #codec: Codec;
  readonly #sink: UnitSink;
  /** Bytes of decoding order numbers that precede units (RFC 7798 section 4.4.1: DONL, DOND). */
  readonly #donl: number;
  /** The parts of a fragmented unit so far; null between such units. */
  #fragments: Buffer[] | null = null;
  #bytes = 0;

  /** @param hasDonl whether the payloads carry decoding order numbers, as H.265 with sprop-max-don-diff above 0 does */
  constructor(codec: Codec, sink: UnitSink, hasDonl = false) {
    this.#codec = codec;
    this.#sink = sink;
    this.#donl = codec === 'H265' && hasDonl ? 2 : 0;
  }

  /** Bytes of memory that the parts of an unfinished unit take. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /** @returns false if the payload is broken: a unit of its picture is missing then */
  push(payload: Buffer): boolean {
    if (payload.length === 0) {
      // Some cameras send empty packets to keep a path open.
      return true;
    }
    return this.#codec === 'H264' ? this.#pushH264(payload) : this.#pushH265(payload);
  }

  /**
   * Completes a fragmented unit that never said its end. Without a gap in the sequence numbers nothing is missing: there are
   * cameras that set no end bit.
   */
  finish(): void {
    if (this.#fragments !== null) {
      const whole = Buffer.concat(this.#fragments);
      this.reset();
      this.#complete(whole);
    }
  }

  reset(): void {
    this.#fragments = null;
    this.#bytes = 0;
  }

  #pushH264(payload: Buffer): boolean {
    const header = payload.readUInt8(0);
    const type = nalType(header, 'H264');
    if (type >= 1 && type <= 23) {
      this.#single(payload);
      return true;
    }
    if (type === stapA) {
      return this.#aggregate(payload, 1, 0);
    }
    if (type === fuA && payload.length >= 2) {
      const fragment = payload.readUInt8(1);
      return this.#fragment(fragment, [(header & 0xe0) | (fragment & 0x1f)], payload.subarray(2));
    }
    return false;
  }

  #pushH265(payload: Buffer): boolean {
    if (payload.length < 3) {
      return false;
    }
    const [first, second] = [payload.readUInt8(0), payload.readUInt8(1)];
    const type = nalType(first, 'H265');
    if (type === aggregation) {
      return this.#aggregate(payload, 2 + this.#donl, this.#donl > 0 ? 1 : 0);
    }
    if (type === fragmentation) {
      const fragment = payload.readUInt8(2);
      const header = [(first & 0x81) | ((fragment & 0x3f) << 1), second];
      const isFirst = (fragment & firstFragment) !== 0;
      return this.#fragment(fragment, header, payload.subarray(3 + (isFirst ? this.#donl : 0)));
    }
    if (type < aggregation) {
      this.#single(
        this.#donl === 0 ? payload : Buffer.concat([payload.subarray(0, 2), payload.subarray(2 + this.#donl)]),
      );
      return true;
    }
    // PACI and unknown types carry nothing that a decoder needs.
    return true;
  }

  #single(unit: Buffer): void {
    this.finish();
    this.#sink.begin(unit);
    this.#complete(unit);
  }

  /** @param at where the first length is @param gap bytes between a unit and the next length */
  #aggregate(payload: Buffer, at: number, gap: number): boolean {
    this.finish();
    let begin = at;
    while (begin + 2 <= payload.length) {
      const end = begin + 2 + payload.readUInt16BE(begin);
      if (end > payload.length || end === begin + 2) {
        // Some cameras fill their packets up with zeros.
        return end === begin + 2;
      }
      const unit = payload.subarray(begin + 2, end);
      this.#sink.begin(unit);
      this.#complete(unit);
      begin = end + gap;
    }
    return true;
  }

  /** @param header of the unit that these are fragments of, in bytes */
  #fragment(fragment: number, header: readonly number[], body: Buffer): boolean {
    if ((fragment & firstFragment) !== 0) {
      this.finish();
      this.#fragments = [Buffer.from(header)];
      this.#sink.begin(Buffer.from([...header, ...body.subarray(0, 8)]));
    }
    if (this.#fragments === null) {
      return false;
    }
    this.#fragments.push(body);
    this.#bytes += body.length + bookkeeping;
    if ((fragment & lastFragment) !== 0) {
      this.finish();
    }
    return true;
  }

  /** Some cameras put a whole byte stream, with start codes, into one unit. */
  #complete(unit: Buffer): void {
    if (unit.indexOf(startCode) === -1) {
      this.#sink.unit(unit);
      return;
    }
    const [first, ...rest] = splitAnnexB(Buffer.concat([startCode, unit]));
    if (first !== undefined) {
      this.#sink.unit(first);
    }
    for (const embedded of rest) {
      this.#sink.begin(embedded);
      this.#sink.unit(embedded);
    }
  }
}

/** RFC 6184 table 1. */
const stapA = 24;
const fuA = 28;
/** RFC 7798 section 4.4. */
const aggregation = 48;
const fragmentation = 49;
const firstFragment = 0x80;
const lastFragment = 0x40;
/** Bytes counted for each part beside its data, so that a flood of empty parts has a bound too. */
export const bookkeeping = 128;
const startCode = Buffer.from([0, 0, 1]);
