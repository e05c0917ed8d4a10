import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { SlotStatus } from '../../../src/protocol/messages.ts';
import type { PeerTrack } from '../../src/sessions/peer.ts';
import { Slot } from '../../src/sessions/slot.ts';
import { StreamRegistry } from '../../src/streams/registry.ts';
import { Stream } from '../../src/streams/stream.ts';
import { ScriptedSource, units } from '../streams/units.ts';

/** A track that keeps what is sent: the last byte of each unit, which numbers it. */
class ScriptedTrack implements PeerTrack {
  readonly mid = '3';
  isOpen = true;
  sent: number[] = [];
  send(data: Buffer): void {
    this.sent.push(data.at(-1) as number);
  }
}

describe('a slot', () => {
  let sources: Record<'a' | 'b', ScriptedSource>;
  let streams: StreamRegistry;
  let slot: Slot;
  let track: ScriptedTrack;
  let told: [SlotStatus, string | undefined][];

  beforeEach(() => {
    sources = { a: new ScriptedSource(), b: new ScriptedSource() };
    streams = new StreamRegistry(Object.entries(sources).map(([name, source]) => new Stream(name, source)));
    told = [];
    track = new ScriptedTrack();
    slot = new Slot(5, streams, (status, requestId) => told.push([status, requestId]));
    slot.attach(track);
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

  it('is active only when the first key frame was sent', () => {
    slot.want({ stream: 'a', requestId: 'r' });
    assert.equal(slot.status.status, 'buffering');
    sources.a.sink?.format({ codec: 'H264', width: 640, height: 360 });
    assert.equal(slot.status.status, 'buffering');
    sources.a.send(units(1));
    assert.deepEqual(words(), [
      ['a', 'buffering', 'r'],
      ['a', 'active', 'r'],
    ]);
    assert.deepEqual(slot.status, {
      slot: 5,
      stream: 'a',
      status: 'active',
      mid: '3',
      codec: 'H264',
      width: 640,
      height: 360,
    });
  });

  it('replays the GOP at once when the stream is warm, and goes on live', () => {
    const other = { unit: () => {}, changed: () => {} };
    streams.get('a')?.join(other);
    sources.a.play(units(4));
    slot.want({ stream: 'a' });
    sources.a.send(units(2, 50, 4).slice(1));
    assert.deepEqual(track.sent, [0, 1, 2, 3, 5]);
    streams.get('a')?.leave(other);
  });

  it('starts the stream before it has an open track, and sends once that opens', () => {
    track.isOpen = false;
    slot.want({ stream: 'a' });
    sources.a.play(units(3));
    assert.deepEqual([track.sent, slot.status.status], [[], 'buffering']);
    track.isOpen = true;
    slot.opened();
    assert.deepEqual([track.sent, slot.status.status], [[0, 1, 2], 'active']);
  });

  it("keeps the old picture until the new camera's key frame is there", () => {
    showA();
    slot.want({ stream: 'b', requestId: 's' });
    sources.a.send(units(2, 50, 2).slice(1));
    sources.b.play(units(2, 50, 100).slice(1));
    assert.deepEqual(track.sent, [3]);
    sources.b.send(units(1, 1, 110));
    sources.a.send(units(2, 50, 3).slice(1));
    assert.deepEqual(track.sent, [3, 110]);
    assert.deepEqual(words(), [
      ['b', 'buffering', 's'],
      ['b', 'active', 's'],
    ]);
    assert.equal(streams.get('a')?.readers, 0);
  });

  it('lets the newest wish win, and tells the one before', () => {
    showA();
    slot.want({ stream: 'b', requestId: 'one' });
    slot.want({ stream: 'a', requestId: 'two' });
    assert.deepEqual(words(), [
      ['b', 'buffering', 'one'],
      ['b', 'error', 'one'],
      ['a', 'active', 'two'],
    ]);
    assert.equal(told[1]?.[0].error, 'superseded by a newer request');
    assert.equal(streams.get('b')?.readers, 0);
  });

  it('changes nothing for a stream that does not exist, and says what goes on', () => {
    showA();
    slot.want({ stream: 'a', quality: '9p', requestId: 'r' });
    sources.a.send(units(2, 50, 2).slice(1));
    assert.deepEqual(words(), [
      ['a-9p', 'error', 'r'],
      ['a', 'active', undefined],
    ]);
    assert.deepEqual(track.sent, [3]);
  });

  it('says that its camera is offline, and plays again by itself from a key frame', () => {
    showA();
    sources.a.sink?.offline('Connection refused');
    sources.a.sink?.format({ codec: 'H264', width: 640, height: 360 });
    sources.a.send(units(3, 50, 7).slice(1));
    assert.deepEqual(track.sent, []);
    sources.a.send(units(2, 50, 20));
    assert.deepEqual(track.sent, [20, 21]);
    assert.deepEqual(words(), [
      ['a', 'offline', undefined],
      ['a', 'active', undefined],
    ]);
    assert.equal(told[0]?.[0].error, 'Connection refused');
  });

  it('keeps the old picture while the wished camera is offline, and shows it when it comes', () => {
    showA();
    slot.want({ stream: 'b', requestId: 'r' });
    sources.b.sink?.offline('timed out');
    sources.a.send(units(2, 50, 2).slice(1));
    sources.b.play(units(1, 1, 90));
    assert.deepEqual(track.sent, [3, 90]);
    assert.deepEqual(words(), [
      ['b', 'buffering', 'r'],
      ['b', 'offline', 'r'],
      ['b', 'active', 'r'],
    ]);
  });

  it('answers a browser that lost the picture from the GOP, at most every half second', () => {
    showA();
    slot.refresh(1000);
    slot.refresh(1400);
    assert.deepEqual(track.sent, [0, 1, 2]);
    slot.refresh(1500);
    assert.equal(track.sent.length, 6);
  });

  it('sends nothing while paused, and the same stream again when resumed', () => {
    showA();
    slot.pause('p');
    assert.equal(streams.get('a')?.readers, 0);
    slot.resume({ requestId: 'r' });
    assert.deepEqual(words(), [
      ['a', 'paused', 'p'],
      ['a', 'active', 'r'],
    ]);
    assert.deepEqual(track.sent, [0, 1, 2]);
  });

  it('resumes with another stream and does not take the old quality along', () => {
    slot.want({ stream: 'a', quality: 'native' });
    slot.pause();
    slot.resume({ stream: 'b' });
    sources.b.play(units(1));
    assert.deepEqual([slot.status.stream, slot.status.quality], ['b', undefined]);
  });

  it('is spare with an empty name, until a wish fills it', () => {
    slot.want({ stream: '', requestId: 'r' });
    assert.deepEqual(words(), [['', 'inactive', 'r']]);
    slot.want({ stream: 'a' });
    sources.a.play(units(1));
    assert.equal(slot.status.status, 'active');
  });

  it('starts with the next key frame where no GOP is kept', () => {
    streams = new StreamRegistry([new Stream('a', sources.a, { linger: 0, gop: { units: 0, bytes: 0 } })]);
    const late = new Slot(0, streams, (status, requestId) => told.push([status, requestId]));
    late.attach(track);
    streams.get('a')?.join({ unit: () => {}, changed: () => {} });
    sources.a.play(units(3));
    late.want({ stream: 'a' });
    sources.a.send(units(2, 50, 3).slice(1));
    assert.deepEqual([track.sent, late.status.status, sources.a.keyframes], [[], 'buffering', 0]);
    sources.a.send(units(2, 2, 10));
    assert.deepEqual([track.sent, late.status.status], [[10, 11], 'active']);
    late.close();
  });

  describe('whose viewer has a thin link', () => {
    let cameras: Record<'cam' | 'cam-720p' | 'cam-360p', ScriptedSource>;

    beforeEach(() => {
      cameras = { cam: new ScriptedSource(), 'cam-720p': new ScriptedSource(), 'cam-360p': new ScriptedSource() };
      streams = new StreamRegistry(Object.entries(cameras).map(([name, source]) => new Stream(name, source)));
      slot = new Slot(5, streams, (status, requestId) => told.push([status, requestId]));
      slot.attach(track);
      slot.want({ stream: 'cam', quality: 'native', requestId: 'r' });
      cameras.cam.play(units(1));
      told = [];
      track.sent = [];
    });

    it('takes the next smaller variant once that has a key frame, and says which', () => {
      assert.equal(slot.canStepDown, true);
      slot.step('down');
      cameras.cam.send(units(2, 50, 1).slice(1));
      cameras['cam-720p'].play(units(1, 1, 50), 1280, 720);
      assert.deepEqual(track.sent, [2, 50]);
      assert.deepEqual(told, [
        [
          {
            ...{ slot: 5, stream: 'cam', status: 'active', quality: 'native', actual_quality: '720p', mid: '3' },
            ...{ codec: 'H264', width: 1280, height: 720 },
          },
          undefined,
        ],
      ]);
      assert.equal(streams.get('cam')?.readers, 0);
    });

    it('goes down to the smallest, and up again to what was asked for', () => {
      slot.step('down');
      cameras['cam-720p'].play(units(1));
      slot.step('down');
      cameras['cam-360p'].play(units(1));
      assert.deepEqual([slot.canStepDown, slot.isSteppedDown, slot.status.actual_quality], [false, true, '360p']);
      slot.step('up');
      assert.equal(slot.status.actual_quality, '720p');
      slot.step('up');
      assert.deepEqual([slot.isSteppedDown, slot.status.actual_quality, slot.status.stream], [false, undefined, 'cam']);
    });

    it('keeps the present picture where the smaller variant cannot be made', () => {
      slot.step('down');
      cameras['cam-720p'].sink?.offline('out of memory');
      cameras.cam.send(units(2, 50, 1).slice(1));
      assert.deepEqual([track.sent, told], [[2], []]);
      assert.equal(streams.get('cam-720p')?.readers, 0);
    });

    it('lets a wish of the viewer replace a step, and sends no more lines than went through', () => {
      slot.step('down');
      slot.want({ stream: 'cam', quality: '360p', requestId: 'w' });
      cameras['cam-360p'].play(units(1));
      assert.deepEqual([slot.status.stream, slot.status.actual_quality], ['cam-360p', undefined]);
      slot.want({ stream: 'cam' });
      cameras['cam-720p'].play(units(1));
      assert.deepEqual([slot.status.stream, slot.status.actual_quality], ['cam', '720p']);
    });
  });

  describe('that joins a long GOP over a thin link', () => {
    const other = { unit: () => {}, changed: () => {} };
    const large = (count: number, first = 0) =>
      units(count, 50, first).map((unit) => ({ ...unit, data: Buffer.alloc(11_000, unit.data.at(-1)) }));
    let encoder: ScriptedSource;

    function join(encodes: boolean): void {
      encoder = new ScriptedSource(encodes);
      streams = new StreamRegistry([new Stream('a', encoder)]);
      streams.get('a')?.join(other);
      encoder.play(large(4));
      slot = new Slot(
        0,
        streams,
        (status, requestId) => told.push([status, requestId]),
        () => true,
      );
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
      slot.refresh(5000);
      assert.deepEqual([track.sent, encoder.keyframes], [[], 2]);
    });
  });

  it('leaves its streams when it is closed', () => {
    showA();
    slot.want({ stream: 'b' });
    slot.close();
    assert.deepEqual([streams.get('a')?.readers, streams.get('b')?.readers], [0, 0]);
  });
});
