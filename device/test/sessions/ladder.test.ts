import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { qualityOf, stepsBelow, under } from '../../src/sessions/ladder.ts';

const configured = ['cam', 'cam-360p', 'cam-1080p', 'cam-720p', 'cam-hd', 'gate', 'door-720p', 'camera-180p'];
const streams = new Map(configured.map((name) => [name, { name }]));
const names = { get: (name: string) => streams.get(name), [Symbol.iterator]: () => streams.values() };

describe('the variants of a camera as steps', () => {
  it('are those that carry its name and fewer lines, the tallest first', () => {
    assert.deepEqual(stepsBelow(names, 'cam'), [1080, 720, 360]);
    assert.deepEqual(stepsBelow(names, 'cam-720p'), [360]);
    assert.deepEqual(stepsBelow(names, 'cam-360p'), []);
    assert.deepEqual(stepsBelow(names, 'gate'), []);
  });

  it('do not belong to a camera that only looks like a variant', () => {
    assert.deepEqual(stepsBelow(names, 'door-720p'), []);
    assert.equal(qualityOf(names, 'door-720p'), undefined);
    assert.equal(qualityOf(names, 'cam-720p'), '720p');
  });

  it('hold a wish under a ceiling, or as near to it as there is one', () => {
    assert.equal(under(names, 'cam', Number.POSITIVE_INFINITY), 'cam');
    assert.equal(under(names, 'cam', 800), 'cam-720p');
    assert.equal(under(names, 'cam', 100), 'cam-360p');
    assert.equal(under(names, 'cam-360p', 720), 'cam-360p');
    assert.equal(under(names, 'gate', 100), 'gate');
  });
});
