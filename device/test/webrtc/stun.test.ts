import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { userOfZeroTieBreaker, withTieBreaker } from '../../src/webrtc/stun.ts';
import { check, password } from './checks.ts';

describe('a check with a tie-breaker of 0', () => {
  it('is known by whom it is for, and nothing else is one', () => {
    assert.equal(userOfZeroTieBreaker(check()), 'ours');
    assert.equal(userOfZeroTieBreaker(check({ tieBreaker: 7n })), null);
    assert.equal(userOfZeroTieBreaker(check({ type: 0x0101 })), null, 'an answer');
    assert.equal(userOfZeroTieBreaker(Buffer.from([22, 254, 253, 0])), null, 'DTLS');
    assert.equal(userOfZeroTieBreaker(Buffer.alloc(0)), null);
    for (let length = 0; length < check().length; length++) {
      assert.equal(userOfZeroTieBreaker(check().subarray(0, length)), null, `cut at ${length}`);
    }
  });

  it('becomes what the browser would have sent with a tie-breaker of 1', () => {
    assert.deepEqual(withTieBreaker(check(), password), check({ tieBreaker: 1n }));
  });

  it('is left alone where another client has signed it', () => {
    assert.equal(withTieBreaker(check({ key: 'another' }), password), null);
  });
});
