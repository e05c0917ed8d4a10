import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { readSps } from '../../src/media/sps.ts';
import { fuzz } from '../support/fuzz.ts';

const read = (base64: string, codec: 'H264' | 'H265' = 'H264') => readSps(Buffer.from(base64, 'base64'), codec);

describe('a sequence parameter set', () => {
  it('tells the size of the picture without what is cropped, as cameras write it', () => {
    assert.deepEqual(read('Z2QAMqwsaoCgAtabgoCCoAAAAwAgAAAGUIA='), {
      profile: 100,
      width: 2560,
      height: 1440,
      reorder: 0,
      chroma: 1,
      lumaDepth: 8,
      chromaDepth: 8,
    });
    assert.deepEqual(read('Z2QAKqwsaoHgCJ+WbgoCCoAAAAMAgAAAD0IA'), {
      profile: 100,
      width: 1920,
      height: 1080,
      reorder: 0,
      chroma: 1,
      lumaDepth: 8,
      chromaDepth: 8,
    });
    // x264, baseline.
    const baseline = Buffer.from('6742c01eda0280bfe5c04400000300040000030064', 'hex');
    assert.deepEqual([readSps(baseline, 'H264')?.width, readSps(baseline, 'H264')?.height], [640, 360]);
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
        assert.ok(format === null || (format.width > 0 && format.height > 0 && format.width <= 16_888));
      },
    }));
});
