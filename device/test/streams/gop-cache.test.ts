import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GopCache } from '../../src/streams/gop-cache.ts';
import { units } from './units.ts';

function cacheOf(count: number, gop: number, limits?: { units: number; bytes: number }): GopCache {
  const cache = new GopCache(limits);
  for (const unit of units(count, gop)) {
    cache.push(unit);
  }
  return cache;
}

describe('the GOP cache', () => {
  it('holds the units since the last key frame', () => {
    assert.deepEqual(
      cacheOf(8, 5).units.map(({ timestamp }) => timestamp / 40_000),
      [5, 6, 7],
    );
  });

  it('is empty until a key frame comes', () => {
    const cache = new GopCache();
    for (const unit of units(3, 5).slice(1)) {
      cache.push(unit);
    }
    assert.deepEqual(cache.units, []);
  });

  it('drops a GOP that is longer or larger than it may be, and starts again with the next', () => {
    assert.equal(cacheOf(4, 10, { units: 3, bytes: 1000 }).units.length, 0);
    assert.equal(cacheOf(4, 10, { units: 100, bytes: 19 }).units.length, 0);
    assert.equal(cacheOf(12, 10, { units: 3, bytes: 1000 }).units.length, 2);
  });

  it('leaves a GOP that was handed out as it was', () => {
    const cache = cacheOf(3, 10);
    const handedOut = cache.units;
    cache.push({ keyframe: true, timestamp: 0, data: Buffer.alloc(1) });
    assert.equal(handedOut.length, 3);
  });
});
