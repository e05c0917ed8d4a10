import { expect } from '@open-wc/testing';
import { retryDelay } from '../../src/client/retry.ts';

describe('retryDelay', () => {
  it('tries at once, then ever later, then every seven seconds', () => {
    const delays = [0, 1, 2, 3, 4, 5, 100].map((attempt) => retryDelay({ attempt }, () => 0));
    expect(delays).to.deep.equal([0, 300, 1200, 2700, 4800, 7000, 7000]);
  });

  it('spreads the viewers of a device that restarts from the third attempt on', () => {
    const delays = [0, 1, 2, 3].map((attempt) => retryDelay({ attempt }, () => 0.5));
    expect(delays).to.deep.equal([0, 300, 1700, 3200]);
  });
});
