import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstSliceType, readNalUnit } from '../../src/media/nal-unit.ts';

const unit = (...bytes: number[]) => Buffer.from(bytes);

describe('a NAL unit', () => {
  it('tells slices, first slices and key slices of H.264 apart', () => {
    const read = (...bytes: number[]) => {
      const { type, isSlice, beginsPicture, isKey } = readNalUnit(unit(...bytes), 'H264');
      return [type, isSlice, beginsPicture, isKey];
    };
    assert.deepEqual(read(0x65, 0x88), [5, true, true, true]);
    assert.deepEqual(read(0x65, 0x08), [5, true, false, true]);
    assert.deepEqual(read(0x41, 0x9a), [1, true, true, false]);
    assert.deepEqual(read(0x67, 0x42), [7, false, true, false]);
    assert.deepEqual(read(0x0c, 0xff), [12, false, false, false]);
  });

  it('tells slices, first slices and key slices of H.265 apart', () => {
    const read = (type: number, third: number) => {
      const { isSlice, beginsPicture, isKey } = readNalUnit(unit(type << 1, 1, third), 'H265');
      return [isSlice, beginsPicture, isKey];
    };
    assert.deepEqual(read(19, 0x80), [true, true, true]);
    assert.deepEqual(read(21, 0x00), [true, false, true]);
    assert.deepEqual(read(1, 0x80), [true, true, false]);
    assert.deepEqual(read(33, 0x00), [false, true, false]);
    assert.deepEqual(read(40, 0x00), [false, false, false]);
  });

  it('is a key of H.264 as a recovery point, behind other messages too', () => {
    assert.equal(readNalUnit(unit(0x06, 0x06, 0x01, 0xc4, 0x80), 'H264').isKey, true);
    assert.equal(readNalUnit(unit(0x06, 0x05, 0x01, 0xff, 0x06, 0x01, 0xc4, 0x80), 'H264').isKey, true);
    assert.equal(readNalUnit(unit(0x06, 0x05, 0x01, 0xff, 0x80), 'H264').isKey, false);
  });

  it('is the first slice of its picture wherever it stands', () => {
    const picture = Buffer.from([0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x06, 0x05, 0x80, 0, 0, 1, 0x65, 0x88]);
    assert.equal(firstSliceType(picture, 'H264'), 5);
    assert.equal(firstSliceType(picture.subarray(0, 6), 'H264'), null);
  });
});
