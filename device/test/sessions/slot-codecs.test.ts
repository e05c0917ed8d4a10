import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { SlotStatus } from '../../../src/protocol/messages.ts';
import { Slot } from '../../src/sessions/slot.ts';
import { StreamRegistry } from '../../src/streams/registry.ts';
import { Stream, type StreamSources } from '../../src/streams/stream.ts';
import { ScriptedSource, units } from '../streams/units.ts';
import { ScriptedTrack } from './scripted-track.ts';

describe('a slot of a browser that takes no H.265', () => {
  let sources: Record<'a' | 'b', ScriptedSource>;
  let streams: StreamRegistry;
  let slot: Slot;
  let track: ScriptedTrack;
  let told: [SlotStatus, string | undefined][];
  const h265 = { codec: 'H265', profile: 1, width: 640, height: 360 } as const;
  let encoder: ScriptedSource;

  beforeEach(() => {
    sources = { a: new ScriptedSource(), b: new ScriptedSource() };
    told = [];
    track = new ScriptedTrack();
  });

  afterEach(() => {
    slot.close();
    streams.close();
  });

  const words = () => told.map(([{ stream, status }, requestId]) => [stream, status, requestId]);

  function showA(): void {
    slot.want({ stream: 'a' });
    sources.a.play(units(3));
    told = [];
    track.sent = [];
  }

  function open(transcode: boolean): void {
    encoder = new ScriptedSource(true);
    const forms: StreamSources = transcode ? [sources.b, encoder] : [sources.b];
    streams = new StreamRegistry([new Stream('a', [sources.a]), new Stream('b', forms)]);
    slot = new Slot(5, streams, (status, requestId) => told.push([status, requestId]));
  }

  function playB(): void {
    sources.b.sink?.format(h265);
    sources.b.send(units(2, 50, 100));
  }

  it('gets the same stream as H.264, also where it says what it takes only later', () => {
    open(true);
    slot.want({ stream: 'b' });
    playB();
    slot.attach(track);
    encoder.play(units(2, 50, 50));
    assert.deepEqual(track.sent, [50, 51]);
    assert.deepEqual([slot.status.status, slot.status.codec], ['active', 'H264']);
  });

  it('changes over between the two on one track where the browser takes both', () => {
    open(true);
    track.codecs = ['H264', 'H265'];
    slot.attach(track);
    showA();
    slot.want({ stream: 'b' });
    playB();
    assert.deepEqual([track.sent, slot.status.codec, encoder.opened], [[100, 101], 'H265', 0]);
    slot.want({ stream: 'a' });
    assert.deepEqual([track.sent.at(-1), slot.status.codec], [2, 'H264']);
  });

  it('keeps its picture and says why where it may not be transcoded', () => {
    open(false);
    slot.attach(track);
    showA();
    slot.want({ stream: 'b' }, 'r');
    playB();
    assert.deepEqual(words(), [
      ['b', 'buffering', 'r'],
      ['b', 'error', 'r'],
      ['a', 'active', undefined],
    ]);
    assert.match(String(told[1]?.[0].error), /^codec mismatch: the camera's video is H265/);
    slot.want({ stream: 'b' }, 's');
    assert.deepEqual(words().slice(3), [
      ['b', 'error', 's'],
      ['a', 'active', undefined],
    ]);
    sources.a.send(units(2, 50, 2).slice(1));
    assert.deepEqual(track.sent, [3]);
  });

  it('waits for the camera to change where there is no other picture', () => {
    open(false);
    slot.attach(track);
    slot.want({ stream: 'b' });
    playB();
    assert.equal(slot.status.status, 'error');
    sources.b.play(units(1, 1, 7));
    assert.deepEqual([track.sent, slot.status.status], [[7], 'active']);
  });
});
