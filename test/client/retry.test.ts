import { expect } from '@open-wc/testing';
import { retryDelay } from '../../src/client/retry.ts';

describe('retryDelay', () => {
  it('tries at once, then ever later, then every five seconds', () => {
    const delays = [0, 1, 2, 3, 4, 5, 100].map((attempt) => retryDelay({ attempt }, () => 0));
    expect(delays).to.deep.equal([0, 300, 1200, 2700, 4800, 5000, 5000]);
  });

  it('spreads the viewers of a device that restarts, by half of their delay', () => {
    const delays = [0, 1, 2, 3].map((attempt) => retryDelay({ attempt }, () => 0.5));
    expect(delays).to.deep.equal([0, 375, 1500, 3375]);
  });

  it('tries a device that was there a moment ago three times a second, and ever less often', () => {
    const tries: number[] = [];
    for (let time = 0; time < 60_000; time += retryDelay({ attempt: tries.length, sinceReset: time }, () => 1)) {
      tries.push(time);
    }
    const gaps = tries.map((time, index) => time - (tries[index - 1] ?? 0));
    expect(Math.max(...gaps.filter((_, index) => (tries[index] ?? 0) < 1500))).to.be.below(350);
    expect(tries.length).to.be.below(30);
    expect(retryDelay({ attempt: 20, sinceReset: 3_600_000 }, () => 0)).to.equal(5000);
  });
});
