import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arrivals, Places, sessionsPerAddress } from '../../src/http/places.ts';

describe('the places of clients', () => {
  const fits = (addresses: readonly string[], most: number) => {
    const places = new Places();
    return addresses.map((address) => places.take(address, most) !== null);
  };

  it('are counted by address', () => {
    assert.deepEqual(fits(['192.0.2.1', '192.0.2.2', '192.0.2.1', '::ffff:192.0.2.1'], 2), [true, true, true, false]);
  });

  it('are counted by network of 64 bits for IPv6, of which one client has every address', () => {
    const one = ['2001:db8::1', '2001:db8:0:0:ffff::1', '2001:db8:0:0:1:2:3:4', '2001:db8::'];
    assert.deepEqual(fits(one, 1), [true, false, false, false]);
    assert.deepEqual(fits(['2001:db8:0:1::1', '2001:db8:0:2::1', '::1', 'fe80::1%eth0', 'fe80::2%eth0'], 1), [
      ...[true, true, true, true],
      false,
    ]);
  });

  it('are given back once', () => {
    const places = new Places();
    const leave = places.take('192.0.2.1', 2);
    places.take('192.0.2.1', 2);
    leave?.();
    leave?.();
    assert.ok(places.take('192.0.2.1', 2));
    assert.equal(places.take('192.0.2.1', 2), null);
  });

  it('are half of all for one address, and all for a proxy on this machine, unless the configuration says', () => {
    const limits = { maxSessions: 9 } as Parameters<typeof sessionsPerAddress>[1];
    assert.equal(sessionsPerAddress('192.0.2.1', limits), 5);
    for (const local of ['127.0.0.1', '::ffff:127.0.0.1', '::1']) {
      assert.equal(sessionsPerAddress(local, limits), 9);
      assert.equal(sessionsPerAddress(local, { ...limits, maxSessionsPerAddress: 2 }), 2);
    }
  });
});

describe('the arrivals of a client', () => {
  it('are as many as it may have at once, and all of them again ten seconds later', () => {
    const arrivals = new Arrivals();
    const come = (address: string, now: number) =>
      Array.from({ length: 50 }, () => arrivals.take(address, 20, now)).filter(Boolean).length;
    assert.deepEqual([come('192.0.2.1', 0), come('192.0.2.2', 0)], [20, 20]);
    assert.deepEqual([come('192.0.2.1', 1000), come('192.0.2.1', 11_000)], [2, 20]);
  });
});
