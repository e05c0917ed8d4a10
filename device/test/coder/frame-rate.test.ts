import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameRate } from '../../src/coder/frame-rate.ts';

/** How many of `count` frames are taken that come `rate` times a second, each late by what `jitter` says, in microseconds. */
function taken(rate: number, wanted: number | undefined, count: number, jitter = (_: number) => 0): number {
  const thinning = new FrameRate(wanted);
  const times = Array.from({ length: count }, (_, index) => (index * 1_000_000) / rate + jitter(index));
  return times.filter((time) => thinning.takes(time)).length;
}

describe('a lower frame rate', () => {
  for (const [rate, wanted, expected] of [
    [25, 20, 200],
    [25, 15, 150],
    [25, 5, 50],
    [5, 5, 50],
    [5, 2, 20],
    [25, 25, 250],
    [12.5, 25, 125],
  ] as const) {
    it(`is ${Math.min(rate, wanted)} of ${rate} with #fps=${wanted}`, () => {
      const got = taken(rate, wanted, rate * 10);
      assert.ok(Math.abs(got - expected) <= 1, `${got} in ten seconds`);
    });
  }

  it('takes all frames where none is wanted', () => {
    assert.equal(taken(25, undefined, 100), 100);
  });

  it('is met on average by a camera that is not punctual', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 5, max: 60 }),
        fc.array(fc.integer({ min: 0, max: 7000 }), { minLength: 16, maxLength: 16 }),
        (wanted, rate, jitter) => {
          const got = taken(rate, wanted, rate * 20, (index) => jitter[index % 16] as number);
          const expected = Math.min(rate, wanted) * 20;
          assert.ok(got <= expected + 2 && got >= expected * 0.95 - 2, `${got} of ${expected}`);
        },
      ),
    );
  });

  it('goes on after a pause and after a clock that begins anew', () => {
    const thinning = new FrameRate(10);
    const seconds = [0, 0.1, 0.2, 60, 60.04, 60.1, 0, 0.04, 0.1];
    assert.deepEqual(
      seconds.filter((time) => thinning.takes(time * 1_000_000)),
      [0, 0.1, 0.2, 60, 60.1, 0, 0.1],
    );
  });
});
