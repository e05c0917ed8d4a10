import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SourceClock } from '../../src/media/source-clock.ts';

/** Passes timestamps of 90 a millisecond, of pictures that come 40 ms apart, through the clock; milliseconds. */
function timesOf(...timestamps: (number | null | 'restart')[]): number[] {
  let now = 0;
  const clock = new SourceClock(90, () => now);
  return timestamps.flatMap((timestamp) => {
    if (timestamp === 'restart') {
      clock.restart();
      return [];
    }
    now += 40;
    return [Number(clock.take(timestamp === null ? null : BigInt(timestamp * 90))) / 90];
  });
}

describe("a source's clock", () => {
  it('is believed, whatever it begins with, out of order and over pauses too', () => {
    const times = [70_000, 70_120, 70_040, 70_080, 79_000];
    assert.deepEqual(timesOf(...times), times);
  });

  it('is followed over a jump as if there had been none', () => {
    assert.deepEqual(timesOf(1000, 1040, 90_000, 90_040, 500, 540), [1000, 1040, 1080, 1120, 1160, 1200]);
  });

  it('is replaced by ours while it stands still or says nothing', () => {
    assert.deepEqual(timesOf(1000, 1000, 1000, null, 1160, 1200), [1000, 1040, 1080, 1120, 1160, 1200]);
  });

  it('never stands, nor goes back, behind a picture that was given a time', () => {
    const [first, second, third] = timesOf(1000, 1000, 1020) as [number, number, number];
    assert.ok(first < second && second < third);
  });

  it('follows what was there where the source begins anew, however short that was', () => {
    assert.deepEqual(timesOf(0, 40, 'restart', 0, 40), [0, 40, 80, 120]);
  });
});
