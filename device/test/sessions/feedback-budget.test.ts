import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { FeedbackBudget } from '../../src/sessions/feedback-budget.ts';

describe('what a viewer’s feedback may cost', () => {
  let budget: FeedbackBudget;
  /** How many bytes it pays for, in pieces of this size. */
  const spend = (take: (bytes: number) => boolean, size: number) => {
    let bytes = 0;
    while (take(size)) {
      bytes += size;
    }
    return bytes;
  };
  const resends = () => spend((bytes) => budget.takeResend(bytes), 1000);
  const replays = () => spend((bytes) => budget.takeReplay(bytes), 500_000);

  beforeEach(() => {
    budget = new FeedbackBudget();
  });

  it('ends, and comes back with what is sent by itself, byte for byte', () => {
    replays();
    resends();
    budget.earn(300_000);
    assert.equal(resends(), 300_000);
    assert.equal(resends(), 0);
  });

  it('pays for a GOP of any size, but then for no other before that is earned', () => {
    assert.equal(budget.takeReplay(8_000_000), true);
    budget.earn(6_000_000);
    assert.equal(budget.takeReplay(1), false);
    budget.earn(1);
    assert.equal(budget.takeReplay(1), true);
  });

  it('still pays for lost packets of the GOP that it cannot pay for again', () => {
    assert.ok(replays() >= 2_000_000);
    assert.equal(budget.takeReplay(1), false);
    assert.ok(resends() >= 1_900_000);
  });

  it('pays for the GOPs of wishes by time, and not with what repairs have earned', () => {
    let now = 0;
    budget = new FeedbackBudget(() => now);
    const wishes = () => spend((bytes) => budget.takeWish(bytes), 1_000_000);
    assert.equal(wishes(), 50_000_000);
    budget.earn(1_000_000);
    assert.equal(wishes(), 0);
    now += 2000;
    assert.equal(wishes(), 20_000_000);
    now += 3_600_000;
    assert.equal(wishes(), 50_000_000);
    assert.equal(budget.takeReplay(1), true);
  });

  it('does not grow beyond a burst, however long a viewer has been quiet', () => {
    budget.earn(1_000_000_000);
    assert.ok(replays() <= 2_500_000);
  });
});
