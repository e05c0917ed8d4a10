import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Departures } from '../../src/cameras/departures.ts';

describe('departures', () => {
  it('are waited for, those of long ago and the last one', async () => {
    const departures = new Departures();
    const first = Promise.withResolvers<void>();
    departures.add(first.promise);
    departures.add(Promise.resolve());
    let areGone = false;
    const all = departures.allGone().then(() => {
      areGone = true;
    });
    await new Promise(setImmediate);
    assert.equal(areGone, false);
    first.resolve();
    await all;
  });

  it('leave nothing behind, whether they went well or not', async () => {
    const departures = new Departures();
    for (let one = 0; one < 1000; one++) {
      departures.add(Promise.resolve(['what it said']));
    }
    departures.add(Promise.reject(new Error('it would not go')));
    assert.equal(departures.size, 1001);
    await new Promise(setImmediate);
    assert.equal(departures.size, 0);
    assert.equal(await departures.allGone(), undefined);
  });
});
