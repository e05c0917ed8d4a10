import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { withoutEmulationPrevention } from '../../src/media/bit-reader.ts';
import { withSlowTiming } from '../../src/media/h264-sps.ts';
import { readSps } from '../../src/media/sps.ts';
import { fuzz } from '../support/fuzz.ts';

const read = (base64: string, codec: 'H264' | 'H265' = 'H264') => readSps(Buffer.from(base64, 'base64'), codec);

describe('a sequence parameter set', () => {
  it('tells the size of the picture without what is cropped, as cameras write it', () => {
    assert.deepEqual(read('Z2QAMqwsaoCgAtabgoCCoAAAAwAgAAAGUIA='), {
      profile: 100,
      width: 2560,
      height: 1440,
      aspect: 1,
      reorder: 0,
      chroma: 1,
      lumaDepth: 8,
      chromaDepth: 8,
    });
    assert.deepEqual(read('Z2QAKqwsaoHgCJ+WbgoCCoAAAAMAgAAAD0IA'), {
      profile: 100,
      width: 1920,
      height: 1080,
      aspect: 1,
      reorder: 0,
      chroma: 1,
      lumaDepth: 8,
      chromaDepth: 8,
    });
    // x264, baseline.
    const baseline = Buffer.from('6742c01eda0280bfe5c04400000300040000030064', 'hex');
    assert.deepEqual([readSps(baseline, 'H264')?.width, readSps(baseline, 'H264')?.height], [640, 360]);
  });

  it('tells the shape of a pixel, by its name and in figures, in H.264 and behind the tools of H.265', () => {
    // D1 and 960H of x264; D1 of x265 with and without scaling lists, and with B-frames.
    const sets = [
      ['6742c01eda02c049b041000003000100000300328f162ea0', 'H264', 16 / 11],
      ['6742c01fda03c049bff002500141000003000100000300328f1832a0', 'H264', 37 / 20],
      ['42010101600000030090000003000003005aa005820090596564924caf046808000003000800000300c840', 'H265', 16 / 11],
      ['42010101600000030090000003000003005aa005820090596e929385e08d010000030001000003001908', 'H265', 16 / 11],
    ] as const;
    for (const [hex, codec, aspect] of sets) {
      assert.equal(readSps(Buffer.from(hex, 'hex'), codec)?.aspect, aspect);
    }
  });

  it('promises one picture a second when told so, and is the same otherwise', () => {
    const second = `${'1'.padStart(32, '0')}${'10'.padStart(32, '0')}0`;
    const sets = {
      'with another rate': '6742c01eda0280bfe5c05a83030320000003002000000651e2c5d4',
      'without a rate': '6742c01eda0280bfe5c05a83030303c58ba8',
      'without a VUI': '6742c01eda0280bfe440',
    };
    for (const [name, hex] of Object.entries(sets)) {
      const unit = Buffer.from(hex, 'hex');
      const slow = withSlowTiming(unit);
      assert.deepEqual(readSps(slow, 'H264'), readSps(unit, 'H264'), name);
      const bits = Array.from(withoutEmulationPrevention(slow), (byte) => byte.toString(2).padStart(8, '0')).join('');
      assert.equal(bits.split(second).length, 2, name);
      assert.deepEqual(withSlowTiming(slow), slow, name);
    }
    const broken = Buffer.from('6742c01e', 'hex');
    assert.equal(withSlowTiming(broken), broken);
  });

  it('is refused where it is cut off', () => {
    assert.equal(read('Z2QAMqw='), null);
    assert.equal(read(''), null);
    assert.equal(read('QgEB', 'H265'), null);
  });

  it('is read or refused, whatever its bytes are', () =>
    fuzz({
      corpus: new URL('corpus/sps/', import.meta.url),
      input: fc.record({
        codec: fc.constantFrom('H264' as const, 'H265' as const),
        data: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      }),
      holds: ({ codec, data }) => {
        const format = readSps(data, codec);
        assert.ok(
          format === null ||
            (format.aspect >= 0.25 &&
              format.aspect <= 4 &&
              format.width > 0 &&
              format.height > 0 &&
              format.width <= 16_888),
        );
      },
    }));
});
