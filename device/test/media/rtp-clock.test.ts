import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RtpClock } from '../../src/media/rtp-clock.ts';

/** Passes RTP timestamps of pictures that come 40 ms apart through the clock; milliseconds from the first one. */
function timesOf(...timestamps: number[]): number[] {
  let now = 0;
  const clock = new RtpClock(90_000, () => now);
  const times = timestamps.map((timestamp) => {
    now += 40;
    return clock.take(timestamp) / 1000;
  });
  return times.map((time) => Math.round(time - (times[0] ?? 0)));
}

describe('a time of RTP timestamps', () => {
  it('goes on where they wrap', () => {
    assert.deepEqual(timesOf(2 ** 32 - 3600, 0, 3600), [0, 40, 80]);
  });

  it('goes on as the pictures come where they jump ahead, back, or stand still', () => {
    assert.deepEqual(timesOf(0, 3600, 900_000_000, 900_003_600, 5, 3605), [0, 40, 80, 120, 160, 200]);
    assert.deepEqual(timesOf(7, 7, 7, 7), [0, 40, 80, 120]);
  });

  it('steps back for pictures that come out of order', () => {
    assert.deepEqual(timesOf(0, 10_800, 3600, 7200), [0, 120, 40, 80]);
  });
});
