import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Point, slopeOf } from './trend.ts';

describe('the slope of a line of samples', () => {
  const samples = (value: (x: number) => number) => Array.from({ length: 40 }, (_, x): Point => [x, value(x)]);

  it('is that of the line on which they are', () => {
    assert.equal(slopeOf(samples((x) => 3 * x + 7)), 3);
    assert.equal(slopeOf(samples(() => 5)), 0);
  });

  it('is moved neither by peaks nor by lows, and shows a leak among them', () => {
    const peaks = (x: number) => (x % 7 === 0 ? 1000 : x % 5 === 0 ? -1000 : 0);
    assert.ok(Math.abs(slopeOf(samples(peaks))) < 0.01);
    assert.ok(Math.abs(slopeOf(samples((x) => 2 * x + peaks(x))) - 2) < 0.5);
  });

  it('needs two samples', () => {
    assert.throws(() => slopeOf([[0, 0]]));
  });
});
