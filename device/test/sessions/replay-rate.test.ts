import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeReplays, type ReplayRate, type ReplaySecond, unpaced } from '../../src/sessions/replay-rate.ts';

const quiet: ReplaySecond = { replayed: false, sent: 1_600_000, loss: 0.01 };
const clean: ReplaySecond = { replayed: true, sent: 2_400_000, loss: 0.01 };
const costly: ReplaySecond = { ...clean, loss: 0.08 };

const after = (...seconds: ReplaySecond[]): ReplayRate => seconds.reduce(judgeReplays, unpaced);

describe('the rate of replays', () => {
  it('has no limit as long as they cost no packets', () => {
    assert.equal(after(clean, quiet, clean, { ...clean, loss: null }).rate, Number.POSITIVE_INFINITY);
    // A loss that no replay can have caused.
    assert.equal(after(quiet, { ...quiet, loss: 0.5 }).rate, Number.POSITIVE_INFINITY);
  });

  it('is twice what the link carries after one that cost packets, and lower after each further one', () => {
    assert.equal(after(quiet, costly).rate, 3_200_000);
    assert.equal(Math.round(after(quiet, costly, costly).rate), 2_240_000);
    assert.equal(after({ ...quiet, sent: 100_000 }, ...Array.from({ length: 50 }, () => costly)).rate, 1_000_000);
  });

  it('is never below what is live, or a track that follows its replay would fall behind for ever', () => {
    assert.equal(after(quiet, ...Array.from({ length: 50 }, () => costly)).rate, 2_000_000);
    // The new camera has another bitrate than the one before.
    assert.equal(after(quiet, costly, { ...quiet, sent: 8_000_000 }).rate, 10_000_000);
  });

  it('begins with what was sent where nothing is known of the link yet', () => {
    assert.equal(after(costly).rate, 4_800_000);
  });

  it('rises with each that costs nothing, until they go out at once again', () => {
    const rates = Array.from({ length: 9 }, (_, count) =>
      after(quiet, costly, ...Array.from({ length: count }, () => clean)),
    ).map(({ rate }) => Math.round(rate));
    assert.deepEqual(rates.slice(0, 3), [3_200_000, 4_800_000, 7_200_000]);
    assert.equal(rates.at(-1), Number.POSITIVE_INFINITY);
  });
});
