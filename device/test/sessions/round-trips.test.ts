import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RoundTrips } from '../../src/sessions/round-trips.ts';

describe('round trips', () => {
  const second = (trips: RoundTrips, ...milliseconds: number[]) => {
    for (const one of milliseconds) {
      trips.add(one);
    }
    return trips.endSecond();
  };

  it('tell how long packets wait: the shortest of a second, less the shortest of all', () => {
    const trips = new RoundTrips();
    assert.equal(second(trips, 50, 90), 0);
    assert.equal(second(trips, 300, 250), 200);
    assert.equal(second(trips, 40), 0);
    assert.equal(second(trips, 60), 20);
  });

  it('tell nothing of a second in which nothing was measured', () => {
    assert.equal(second(new RoundTrips()), null);
  });

  it('take a longer way for the usual one after a minute', () => {
    const trips = new RoundTrips();
    second(trips, 10);
    const waits = Array.from({ length: 61 }, () => second(trips, 110));
    assert.deepEqual([waits[0], waits[58], waits[59]], [100, 100, 0]);
  });
});
