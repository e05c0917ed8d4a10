import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findUnits, splitAnnexB } from '../../src/media/annex-b.ts';

describe('an Annex B byte stream', () => {
  it('says where each start code begins, at the fourth zero of a long one', () => {
    const data = Buffer.from([0, 0, 0, 1, 0x67, 0xff, 0, 0, 1, 0x68, 0xee, 0, 0, 0, 0, 1, 0x65, 0x88]);
    assert.deepEqual(
      Array.from(findUnits(data), ({ at, unit }) => [at, unit.toString('hex')]),
      [
        [0, '67ff'],
        [6, '68ee'],
        [12, '6588'],
      ],
    );
  });

  it('may hold no unit at all', () => {
    for (const bytes of [[], [0], [0, 0, 1], [0, 0, 0, 1, 0, 0, 0, 1], [0x65, 1, 2, 3]]) {
      assert.deepEqual(splitAnnexB(Buffer.from(bytes)), []);
    }
  });
});
