import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenBucket } from '../src/token-bucket.ts';

describe('a bucket of tokens', () => {
  const takeAll = (budget: TokenBucket, now: number) => {
    let taken = 0;
    while (taken < 1000 && budget.take(now)) {
      taken++;
    }
    return taken;
  };

  it('has a burst of 100, and no more', () => {
    assert.equal(takeAll(new TokenBucket(50, 100, 0), 0), 100);
  });

  it('has room for as many that count for more, as they count', () => {
    const budget = new TokenBucket(50, 100, 0);
    assert.deepEqual(
      [16, 16, 16, 16, 16, 16, 16, 4].map((count) => budget.take(0, count)),
      [true, true, true, true, true, true, false, true],
    );
  });

  it('refills by 50 a second, up to a burst', () => {
    const budget = new TokenBucket(50, 100, 0);
    takeAll(budget, 0);
    assert.equal(takeAll(budget, 19), 0);
    assert.equal(takeAll(budget, 20), 1);
    assert.equal(takeAll(budget, 1020), 50);
    assert.equal(takeAll(budget, 60_000), 100);
  });
});
