import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { joinAnnexB, splitAnnexB } from '../../src/media/annex-b.ts';
import { fragment, initSegment, toSampleData, videoFormat } from '../../src/media/fmp4.ts';
import { fuzz } from '../support/fuzz.ts';

const codec = fc.constantFrom('H264' as const, 'H265' as const);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((data) => Buffer.from(data));

/** Sets that can be read, so that random changes get past the first check. */
const sets = {
  H264: ['6764001facd9405005bb011000000300100000030320f1831960', '68ebe3cb22c0'],
  H265: [
    '40010c01ffff01600000030090000003000003005d959809',
    '42010101600000030090000003000003005da00280802d165959a4932bc05a02000003000200000300320',
    '4401c172b46240',
  ],
};

/** The boxes of a buffer, which they fill exactly; those in `containers` are read as well. */
function boxesOf(data: Buffer, path = ''): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 0; at < data.length; ) {
    assert.ok(at + 8 <= data.length, `${path} ends within a box`);
    const size = data.readUInt32BE(at);
    assert.ok(size >= 8 && at + size <= data.length, `a box of ${size} bytes in ${path}`);
    const type = data.toString('latin1', at + 4, at + 8);
    const content = data.subarray(at + 8, at + size);
    found.set(`${path}${type}`, content);
    if (['moov', 'trak', 'mdia', 'minf', 'dinf', 'stbl', 'mvex', 'moof', 'traf'].includes(type)) {
      for (const [name, inner] of boxesOf(content, `${path}${type}/`)) {
        found.set(name, inner);
      }
    }
    at += size;
  }
  return found;
}

describe('fragmented MP4 of any bytes', () => {
  it('has a description, or none, of a key frame, and boxes that fill each other', () =>
    fuzz({
      corpus: new URL('corpus/fmp4-init/', import.meta.url),
      input: fc.record({
        codec,
        changes: fc.array(fc.record({ set: fc.nat(2), at: fc.nat(60), byte: fc.nat(255) }), { maxLength: 6 }),
        others: fc.array(bytes(20), { maxLength: 4 }),
      }),
      holds: ({ codec, changes, others }) => {
        const units = sets[codec].map((hex) => Buffer.from(hex, 'hex'));
        for (const { set, at, byte } of changes) {
          const unit = units[set];
          if (unit !== undefined && at < unit.length) {
            unit[at] = byte;
          }
        }
        const format = videoFormat(joinAnnexB([...units, ...others]), codec);
        assert.ok(format !== null || changes.length > 0);
        if (format !== null) {
          assert.match(format.codecs, /^(avc1\.[0-9a-f]{6}|hvc1\.[ABC]?\d+\.[0-9A-F]+\.[LH]\d+(\.[0-9A-F]{1,2})*)$/);
          const boxes = boxesOf(initSegment([format, format]));
          assert.equal(boxes.get('moov/trak/mdia/minf/stbl/stsd')?.readUInt32BE(4), 1);
          boxesOf(boxes.get('moov/trak/mdia/minf/stbl/stsd')?.subarray(8) ?? Buffer.alloc(0));
        }
      },
    }));

  it('has the units of a picture behind their lengths', () =>
    fuzz({
      corpus: new URL('corpus/fmp4-sample/', import.meta.url),
      input: fc.record({ codec, keyframe: fc.boolean(), data: bytes(200) }),
      holds: ({ codec, keyframe, data }) => {
        const sample = toSampleData(data, codec, keyframe);
        const units = splitAnnexB(data).map((unit) => unit.toString('hex'));
        let at = 0;
        while (at < sample.length) {
          const end = at + 4 + sample.readUInt32BE(at);
          const from = units.indexOf(sample.toString('hex', at + 4, end));
          assert.ok(from >= 0, 'a unit that the picture does not have, or out of order');
          units.splice(0, from + 1);
          at = end;
        }
        assert.equal(at, sample.length);
      },
    }));

  it('names where its samples are, and when', () =>
    fuzz({
      corpus: new URL('corpus/fmp4-fragment/', import.meta.url),
      input: fc.record({
        sequence: fc.integer({ min: 1, max: 0xffff_ffff }),
        time: fc.maxSafeNat(),
        samples: fc.array(fc.record({ duration: fc.nat(0xffff_ffff), keyframe: fc.boolean(), data: bytes(50) }), {
          minLength: 1,
          maxLength: 5,
        }),
      }),
      holds: ({ sequence, time, samples }) => {
        const data = fragment({ track: 1, sequence, time, samples });
        const boxes = boxesOf(data);
        const trun = boxes.get('moof/traf/trun') as Buffer;
        assert.equal(boxes.get('moof/mfhd')?.readUInt32BE(4), sequence);
        assert.equal(Number(boxes.get('moof/traf/tfdt')?.readBigUInt64BE(4)), time);
        assert.equal(trun.readUInt32BE(4), samples.length);
        let at = trun.readUInt32BE(8);
        for (const [index, sample] of samples.entries()) {
          const row = 12 + index * 12;
          const size = trun.readUInt32BE(row + 4);
          assert.equal(trun.readUInt32BE(row), sample.duration);
          assert.equal((trun.readUInt32BE(row + 8) & 0x1_0000) === 0, sample.keyframe);
          assert.ok(data.subarray(at, at + size).equals(sample.data));
          at += size;
        }
        assert.equal(at, data.length);
      },
    }));
});
