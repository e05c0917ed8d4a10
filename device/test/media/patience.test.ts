import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Patience } from '../../src/media/patience.ts';

describe('the patience with a source', () => {
  const after = (...gaps: number[]) => {
    const patience = new Patience(5000, 15_000);
    let now = 1000;
    patience.came(now);
    for (const gap of gaps) {
      now += gap;
      patience.came(now);
    }
    return patience.ms;
  };

  it('is five seconds where pictures come quickly', () => {
    assert.equal(after(40, 40, 40), 5000);
  });

  it('is fifteen seconds while no second picture has come', () => {
    assert.equal(after(), 15_000);
  });

  it('is three times as long as the pictures take, also where they come in groups', () => {
    assert.equal(after(10_000), 30_000);
    assert.equal(after(10_000, 0, 0, 0, 10_000, 0, 0, 0), 30_000);
  });

  it('is a minute and a half at the most, and forgets a pause', () => {
    assert.equal(after(60_000), 90_000);
    assert.equal(after(60_000, ...Array.from({ length: 16 }, () => 40)), 5000);
  });
});
