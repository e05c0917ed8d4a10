import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { freshLink, judgeLink, type LinkSecond, type SlotLoad, type Step } from '../../src/sessions/link-policy.ts';

const clear: LinkSecond = { sent: 3_000_000, loss: 0, estimate: 5_000_000, queued: 2 };
const lossy: LinkSecond = { ...clear, loss: 0.2 };
const queueing: LinkSecond = { ...clear, queued: 200 };
const load = (slot: number, sent: number, isSteppedDown = false, canStepDown = true): SlotLoad => ({
  slot,
  sent,
  canStepDown,
  isSteppedDown,
});
const wall = [load(0, 400_000), load(1, 2_000_000), load(2, 600_000)];

/** The policy's decision in each of these seconds. */
function run(seconds: LinkSecond[], loads: (second: number) => SlotLoad[] = () => wall): Step[][] {
  let state = freshLink;
  return seconds.map((second, index) => {
    const [next, steps] = judgeLink(state, second, loads(index));
    state = next;
    return steps;
  });
}

const times = (count: number, second: LinkSecond) => Array.from({ length: count }, () => second);
/** The second in which something was first done after `from`; -1 for never. */
const first = (steps: Step[][], from = 0) => steps.findIndex((list, index) => index >= from && list.length > 0);

describe('a link that may be too thin', () => {
  it('steps down the slot that costs most, after two bad seconds', () => {
    assert.deepEqual(run(times(2, lossy)), [[], [{ slot: 1, direction: 'down' }]]);
  });

  it('forgives one bad second, and a little loss for ever', () => {
    assert.equal(first(run([lossy, clear, lossy, clear, lossy, clear])), -1);
    assert.equal(first(run(times(100, { ...clear, loss: 0.05 }))), -1);
  });

  it('believes a low estimate only where packets are lost as well', () => {
    assert.equal(first(run(times(5, { ...clear, loss: 0.05, estimate: 2_000_000 }))), 1);
    assert.equal(first(run(times(5, { ...clear, loss: 0.05, estimate: 2_700_000 }))), -1);
    assert.equal(first(run(times(60, { ...clear, estimate: 100_000 }))), -1);
  });

  it('steps down where packets wait ever longer, though none is lost, and forgives the queue of a burst', () => {
    assert.deepEqual(run(times(2, queueing))[1], [{ slot: 1, direction: 'down' }]);
    assert.equal(first(run([queueing, clear, queueing, clear, queueing, clear])), -1);
    assert.equal(first(run(times(60, { ...clear, queued: 100 }))), -1);
  });

  it('takes no slot up again while packets still wait', () => {
    const reduced = () => [load(0, 400_000, true)];
    assert.equal(first(run(times(60, { ...clear, queued: 100 }), reduced)), -1);
    assert.notEqual(first(run(times(60, clear), reduced)), -1);
  });

  it('steps down as many as it takes, and no slot that has no smaller variant', () => {
    const steps = run(times(2, { ...clear, loss: 0.6, estimate: null }), () => [
      load(0, 1_500_000, false, false),
      load(1, 800_000),
      load(2, 700_000),
    ]);
    assert.deepEqual(steps[1], [
      { slot: 1, direction: 'down' },
      { slot: 2, direction: 'down' },
    ]);
  });

  it('waits for a step to show before the next', () => {
    const steps = run(times(12, lossy));
    assert.equal(first(steps, 2) - first(steps), 5);
  });

  it('steps up again, the cheapest first, when all was well for ten seconds', () => {
    const loads = [load(0, 300_000, true), load(1, 200_000, true), load(2, 100_000)];
    const steps = run(times(10, clear), () => loads);
    assert.equal(first(steps), 9);
    assert.deepEqual(steps[9], [{ slot: 1, direction: 'up' }]);
  });

  it('is twice as patient after each step up that the link did not bear', () => {
    const reduced = [load(0, 300_000, true)];
    const attempt = [...times(10, clear), ...times(2, lossy)];
    const steps = run([...attempt, ...times(60, clear)], () => reduced);
    assert.deepEqual([first(steps), first(steps, 10), first(steps, 12)], [9, 11, 31]);
  });

  it('does nothing without reports', () => {
    assert.equal(first(run(times(60, { sent: 3_000_000, loss: null, estimate: null, queued: null }))), -1);
  });
});
