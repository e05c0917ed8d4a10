import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { Slot } from '../../src/sessions/slot.ts';
import { StreamRegistry } from '../../src/streams/registry.ts';
import { Stream } from '../../src/streams/stream.ts';
import { ScriptedSource, units } from '../streams/units.ts';
import { ScriptedTrack } from './scripted-track.ts';

describe('a slot that joins a long GOP', () => {
  let streams: StreamRegistry;
  let slot: Slot;
  let track: ScriptedTrack;
  const other = { unit: () => {}, changed: () => {} };
  const large = (count: number, first = 0) =>
    units(count, 50, first).map((unit) => ({ ...unit, data: Buffer.alloc(11_000, unit.data.at(-1)) }));
  let encoder: ScriptedSource;

  function join(encodes: boolean): void {
    encoder = new ScriptedSource(encodes);
    streams = new StreamRegistry([new Stream('a', [encoder])]);
    streams.get('a')?.read(other);
    encoder.play(large(4));
    slot = new Slot(0, streams, () => {});
    slot.attach(track);
    slot.want({ stream: 'a' });
  }

  it('waits for a fresh key frame of an encoder', () => {
    join(true);
    encoder.send(large(2, 4).slice(1));
    assert.deepEqual([track.sent, encoder.keyframes], [[], 1]);
    encoder.send(large(2, 20));
    assert.deepEqual([track.sent, slot.status.status], [[20, 21], 'active']);
  });

  it('replays after all when the encoder does not answer', () => {
    const clock = mock.method(performance, 'now', () => 1000);
    join(true);
    clock.mock.mockImplementation(() => 1300);
    encoder.send(large(2, 4).slice(1));
    clock.mock.restore();
    assert.deepEqual([track.sent, encoder.keyframes], [[0, 1, 2, 3, 5], 1]);
  });

  it('replays a camera, which cannot be asked', () => {
    join(false);
    assert.deepEqual([track.sent, encoder.keyframes], [[0, 1, 2, 3], 0]);
  });

  it('answers a lost picture with a fresh key frame too', () => {
    join(true);
    encoder.send(large(4, 20));
    track.sent = [];
    const later = performance.now() + 1000;
    const clock = mock.method(performance, 'now', () => later);
    slot.refresh('decoder');
    clock.mock.restore();
    assert.deepEqual([track.sent, encoder.keyframes], [[], 2]);
  });

  beforeEach(() => {
    track = new ScriptedTrack();
  });

  afterEach(() => {
    slot.close();
    streams.close();
  });
});
