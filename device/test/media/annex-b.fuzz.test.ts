import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { joinAnnexB, splitAnnexB } from '../../src/media/annex-b.ts';
import { readNalUnit } from '../../src/media/nal-unit.ts';
import { fuzz } from '../support/fuzz.ts';
import { nalUnitsOf } from '../support/nal-units.ts';

const hex = (units: readonly Buffer[]) => units.map((unit) => unit.toString('hex'));

/** Bytes of which many are 0 and 1, so that start codes and their likes come up often. */
const stream = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1) }, fc.integer({ min: 0, max: 255 })), { maxLength: 80 })
  .map((bytes) => Buffer.from(bytes));

/** A NAL unit as encoders make it: with emulation prevention, and a stop bit at its end. */
const nal = fc
  .array(fc.constantFrom(0, 1, 2, 3, 0x65, 0xff), { maxLength: 40 })
  .map((bytes) => Buffer.from([0x65, ...protect(bytes), 0x80]));

/** H.264 section 7.4.1.1: after two zeros, a 3 keeps a byte below 4 from looking like a start code. */
function protect(bytes: readonly number[]): number[] {
  const out: number[] = [];
  for (const byte of bytes) {
    if (out.at(-1) === 0 && out.at(-2) === 0 && byte < 4) {
      out.push(3);
    }
    out.push(byte);
  }
  return out;
}

describe('an Annex B byte stream', () => {
  it('is read as a simple parser reads it, whatever its bytes are', () =>
    fuzz({
      corpus: new URL('corpus/annex-b/', import.meta.url),
      input: stream,
      holds: (data) => {
        assert.deepEqual(hex(splitAnnexB(data)), hex(nalUnitsOf(data)));
        for (const codec of ['H264', 'H265'] as const) {
          for (const unit of splitAnnexB(data)) {
            readNalUnit(unit, codec);
          }
        }
      },
    }));

  it('gives the units back that it was made of, with either start code and zeros between them', () =>
    fuzz({
      corpus: new URL('corpus/annex-b-units/', import.meta.url),
      input: fc.array(fc.record({ unit: nal, zeros: fc.nat(3) }), { maxLength: 8 }),
      holds: (pieces) => {
        const data = pieces.flatMap(({ unit, zeros }) => [Buffer.alloc(zeros), Buffer.from([0, 0, 1]), unit]);
        const units = pieces.map(({ unit }) => unit);
        assert.deepEqual(hex(splitAnnexB(Buffer.concat(data))), hex(units));
        assert.deepEqual(hex(splitAnnexB(joinAnnexB(units))), hex(units));
      },
    }));
});
