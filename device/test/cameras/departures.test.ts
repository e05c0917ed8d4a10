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

  it('that did not go well are told while they are waited for, and forgotten afterwards', async () => {
    const departures = new Departures();
    departures.add(Promise.reject(new Error('it would not go')));
    await assert.rejects(departures.allGone(), /it would not go/);
    await departures.allGone();
  });
});
