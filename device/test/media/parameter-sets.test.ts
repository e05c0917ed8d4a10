import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ParameterSets } from '../../src/media/parameter-sets.ts';

const nal = (...bytes: number[]) => Buffer.from([0, 0, 0, 1, ...bytes]);
const of = (...nals: Buffer[]) => Buffer.concat(nals);

describe('the parameter sets of a source', () => {
  const sps = nal(0x67, 1);
  const pps = nal(0x68, 2);
  const idr = nal(0x65, 9);

  it('stand before a key frame that comes without them', () => {
    assert.deepEqual(new ParameterSets('H264', of(sps, pps)).complete(idr), of(sps, pps, idr));
  });

  it('are not said twice where a key frame has them', () => {
    const whole = of(nal(0x09, 0xf0), sps, pps, idr);
    assert.equal(new ParameterSets('H264', of(sps, pps)).complete(whole), whole);
  });

  it('are those that came last, and not those of the beginning', () => {
    const sets = new ParameterSets('H264', of(sps, pps));
    sets.complete(of(nal(0x67, 7), pps, idr));
    assert.deepEqual(sets.complete(idr), of(nal(0x67, 7), pps, idr));
  });

  it('are completed where a key frame has only some, in their order', () => {
    const sets = new ParameterSets('H265', of(nal(0x40, 1, 1), nal(0x42, 1, 2), nal(0x44, 1, 3)));
    const keyframe = of(nal(0x42, 1, 8), nal(0x26, 1, 9));
    assert.deepEqual(sets.complete(keyframe), of(nal(0x40, 1, 1), nal(0x42, 1, 8), nal(0x44, 1, 3), keyframe));
  });

  it('may be several of one kind', () => {
    const sets = new ParameterSets('H264', of(sps, pps, nal(0x68, 3)));
    assert.deepEqual(sets.complete(idr), of(sps, pps, nal(0x68, 3), idr));
  });

  it('are looked for before the first slice and nowhere else', () => {
    const sets = new ParameterSets('H264', null);
    assert.deepEqual(sets.complete(of(idr, sps, pps)), of(idr, sps, pps));
    assert.equal(sets.data.length, 0);
  });
});
