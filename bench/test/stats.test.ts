import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitLine, summarize } from '../stats.ts';

describe('the summary of samples', () => {
  it('names samples that were measured, whatever their order', () => {
    const samples = Array.from({ length: 20 }, (_, index) => 20 - index);
    assert.deepEqual(summarize(samples), { count: 20, median: 10, p95: 19, worst: 20 });
  });

  it('of one sample is that sample', () => {
    assert.deepEqual(summarize([7]), { count: 1, median: 7, p95: 7, worst: 7 });
  });

  it('of none is not a number', () => {
    assert.deepEqual(summarize([]), { count: 0, median: Number.NaN, p95: Number.NaN, worst: Number.NaN });
  });
});

describe('the fitted line', () => {
  it('goes through points that lie on one', () => {
    const { slope, intercept } = fitLine([1, 10, 30, 60].map((x) => [x, 3 + 0.25 * x] as const));
    assert.ok(Math.abs(slope - 0.25) < 1e-12 && Math.abs(intercept - 3) < 1e-12);
  });

  it('leaves the least squares of those that do not', () => {
    const { slope, intercept } = fitLine([
      [0, 1],
      [0, 3],
      [2, 5],
      [2, 7],
    ]);
    assert.deepEqual({ slope, intercept }, { slope: 2, intercept: 2 });
  });

  it('is none through points above each other', () => {
    assert.equal(
      fitLine([
        [5, 1],
        [5, 2],
      ]).slope,
      Number.NaN,
    );
  });
});
