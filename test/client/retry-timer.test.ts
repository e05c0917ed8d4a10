import { expect } from '@open-wc/testing';
import { RetryTimer } from '../../src/client/retry-timer.ts';

describe('RetryTimer', () => {
  it('has one attempt due at a time, and none once it is cancelled', async () => {
    let attempts = 0;
    const timer = new RetryTimer(
      () => 0,
      () => attempts++,
    );
    timer.schedule();
    timer.schedule();
    // Timers of the same delay run in order: what was due before this one has run.
    await new Promise((resolve) => setTimeout(resolve));
    expect(attempts).to.equal(1);
    timer.schedule();
    timer.schedule();
    timer.cancel();
    await new Promise((resolve) => setTimeout(resolve));
    expect(attempts).to.equal(1);
  });
});
