import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { AccessUnit } from '../../src/streams/access-unit.ts';
import { Stream } from '../../src/streams/stream.ts';
import { ScriptedSource, units } from './units.ts';

function reader() {
  const got: AccessUnit[] = [];
  let changes = 0;
  return {
    got,
    get changes() {
      return changes;
    },
    unit: (unit: AccessUnit) => got.push(unit),
    changed: () => {
      changes++;
    },
  };
}

describe('a stream', () => {
  let source: ScriptedSource;
  let stream: Stream;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    source = new ScriptedSource();
    stream = new Stream('camera1', source, { linger: 10_000 });
  });

  afterEach(() => {
    stream.close();
    mock.timers.reset();
  });

  it('starts its source with the first reader, once', () => {
    assert.equal(stream.state, 'idle');
    stream.join(reader());
    stream.join(reader());
    assert.equal(source.opened, 1);
    assert.equal(stream.state, 'starting');
    source.play(units(1));
    assert.equal(stream.state, 'live');
  });

  it('hands every unit to every reader, and has the GOP so far for who comes later', () => {
    const [one, two] = [reader(), reader()];
    stream.join(one);
    stream.join(two);
    source.play(units(3));
    assert.equal(one.got.length, 3);
    assert.equal(two.got.length, 3);
    assert.equal(stream.gop.length, 3);
  });

  it('lingers after its last reader, and stops then', () => {
    const one = reader();
    stream.join(one);
    source.play(units(3));
    stream.leave(one);
    mock.timers.tick(9999);
    assert.equal(source.closed, 0);
    assert.equal(stream.gop.length, 3);
    mock.timers.tick(1);
    assert.equal(source.closed, 1);
    assert.equal(stream.state, 'idle');
    assert.equal(stream.gop.length, 0);
  });

  it('stays warm when someone joins while it lingers', () => {
    const one = reader();
    stream.join(one);
    stream.leave(one);
    mock.timers.tick(5000);
    stream.join(reader());
    mock.timers.tick(60_000);
    assert.deepEqual([source.opened, source.closed], [1, 0]);
  });

  it('forgets the GOP of a source that is gone, and says why', () => {
    const one = reader();
    stream.join(one);
    source.play(units(3));
    source.sink?.offline('Connection refused');
    assert.deepEqual([stream.state, stream.reason, stream.gop.length], ['offline', 'Connection refused', 0]);
    source.play(units(2));
    assert.deepEqual([stream.state, stream.reason, stream.gop.length], ['live', '', 2]);
    assert.equal(one.changes, 4);
  });

  it('asks a running source for a key frame when there is none for a reader that joins', () => {
    stream.join(reader());
    assert.equal(source.keyframes, 0);
    stream.join(reader());
    assert.equal(source.keyframes, 1);
  });
});
