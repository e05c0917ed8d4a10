import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { SlotStatus } from '../../../src/protocol/messages.ts';
import type { AccessUnit } from '../../src/media/access-unit.ts';
import { Slot } from '../../src/sessions/slot.ts';
import { StreamRegistry } from '../../src/streams/registry.ts';
import { Stream } from '../../src/streams/stream.ts';
import { ScriptedSource, units } from '../streams/units.ts';
import { ScriptedTrack } from './scripted-track.ts';

describe('a slot', () => {
  let sources: Record<'a' | 'b', ScriptedSource>;
  let streams: StreamRegistry;
  let slot: Slot;
  let track: ScriptedTrack;
  let told: [SlotStatus, string | undefined][];

  beforeEach(() => {
    sources = { a: new ScriptedSource(), b: new ScriptedSource() };
    streams = new StreamRegistry(Object.entries(sources).map(([name, source]) => new Stream(name, [source])));
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
    slot.want({ stream: 'a' }, 'r');
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
      rtp_first: track.stamps[0],
      rtp_live: track.stamps[0],
    });
  });

  it('says that it waits for a key frame once the camera has sent for a while, and not when that has come', () => {
    slot.want({ stream: 'a' }, 'r');
    sources.a.sink?.sends();
    assert.equal(told.length, 1);
    sources.a.sink?.sends();
    sources.a.sink?.sends();
    const [status, requestId] = told[1] ?? [];
    assert.deepEqual([status?.status, status?.code, requestId], ['buffering', 'no-keyframe', 'r']);
    sources.a.play(units(1));
    assert.deepEqual([told.length, slot.status.status, slot.status.code], [3, 'active', undefined]);
  });

  it('says what time it is for the camera once it knows, again when that was set, and for each stream its own', (context) => {
    let now = 1000;
    context.mock.method(performance, 'now', () => now);
    const play = (source: ScriptedSource, pictures: readonly AccessUnit[]) => {
      for (const [index, picture] of pictures.entries()) {
        now += 40;
        index === 0 ? source.play([picture]) : source.send([picture]);
      }
    };
    const timed = (number: number, wallClock?: number): AccessUnit => ({
      ...{ keyframe: number === 0, timestamp: number * 40_000, data: Buffer.from([0, 0, 0, 1, number]) },
      ...(wallClock !== undefined && { wallClock }),
    });
    slot.want({ stream: 'a' });
    play(sources.a, [timed(0), timed(1), timed(2, 5080.4), timed(3, 5121), timed(4, 5159), timed(5, 9000)]);
    const clocks = told.flatMap(({ 0: { clock_rtp, clock_ms } }) =>
      clock_ms === undefined ? [] : [[clock_rtp, clock_ms]],
    );
    assert.deepEqual(clocks, [
      [track.stamps[2], 5080],
      [track.stamps[5], 9000],
    ]);
    play(sources.b, [timed(0, 100), timed(1, 140)]);
    slot.want({ stream: 'b' });
    play(sources.b, [timed(0, 100), timed(1, 140)]);
    assert.deepEqual(
      [slot.status.stream, slot.status.clock_rtp, slot.status.clock_ms],
      ['b', track.stamps.at(-2), 100],
    );
  });

  it('says how wide a picture is shown whose pixels are not square', () => {
    slot.want({ stream: 'a' });
    sources.a.sink?.format({ codec: 'H264', width: 704, height: 576, aspect: 16 / 11 });
    sources.a.send(units(1));
    assert.deepEqual([slot.status.width, slot.status.height, slot.status.display_width], [704, 576, 1024]);
  });

  it('says how slow a camera is, once, and that it is no longer', (context) => {
    let now = 1000;
    context.mock.method(performance, 'now', () => now);
    showA();
    for (let picture = 0; picture < 20; picture++) {
      now += 10_000;
      sources.a.send(units(2, 50, 10 + picture).slice(1));
    }
    const intervals = told.map(([{ interval }]) => interval);
    assert.ok(intervals.length < 18, 'it settles');
    assert.equal(intervals.at(-1), 10_000);
    for (let picture = 0; picture < 20; picture++) {
      now += 40;
      sources.a.send(units(2, 50, 50 + picture).slice(1));
    }
    assert.equal(slot.status.interval, undefined);
    assert.equal(told.at(-1)?.[0].interval, undefined);
  });

  it('says with which picture on the track its stream begins, and with which one it is live', () => {
    const other = { unit: () => {}, changed: () => {} };
    const reading = streams.get('b')?.read(other);
    sources.b.play(units(3));
    slot.want({ stream: 'b' });
    sources.b.send(units(2, 50, 3).slice(1));
    const [first, , newest] = track.stamps;
    assert.equal(track.stamps.length, 4);
    assert.deepEqual([slot.status.rtp_first, slot.status.rtp_live], [first, newest]);
    slot.want({ stream: 'unknown' });
    assert.deepEqual(
      told.slice(-2).map(([{ rtp_live }]) => rtp_live),
      [undefined, newest],
    );
    reading?.close();
  });

  it('replays the GOP at once when the stream is warm, and goes on live', () => {
    const other = { unit: () => {}, changed: () => {} };
    const read = streams.get('a')?.read(other);
    sources.a.play(units(4));
    slot.want({ stream: 'a' });
    sources.a.send(units(2, 50, 4).slice(1));
    assert.deepEqual(track.sent, [0, 1, 2, 3, 5]);
    read?.close();
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
    slot.want({ stream: 'b' }, 's');
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
    slot.want({ stream: 'b' }, 'one');
    slot.want({ stream: 'a' }, 'two');
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
    slot.want({ stream: 'a', quality: '9p' }, 'r');
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
    slot.want({ stream: 'b' }, 'r');
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
    slot.refresh('decoder', 1000);
    slot.refresh('decoder', 1400);
    assert.deepEqual(track.sent, [0, 1, 2]);
    slot.refresh('decoder', 1500);
    assert.equal(track.sent.length, 6);
  });

  it('switches with the next key frame if wishes have cost too much, and shows the old picture until then', () => {
    showA();
    const other = new Slot(6, streams, () => {});
    other.want({ stream: 'b' });
    sources.b.play(units(3, 3, 60));
    track.hasBudget = false;
    slot.want({ stream: 'b' }, 'r');
    sources.a.send(units(2, 50, 2).slice(1));
    assert.deepEqual(track.sent, [3]);
    sources.b.send(units(1, 1, 90));
    assert.deepEqual(track.sent, [3, 90]);
    assert.deepEqual(words().at(-1), ['b', 'active', 'r']);
    other.close();
  });

  it('sends no GOP again that the viewer’s budget does not pay for, and goes on', () => {
    showA();
    track.hasBudget = false;
    slot.refresh('decoder', 1000);
    assert.deepEqual(track.sent, []);
    sources.a.send(units(2, 50, 2).slice(1));
    assert.deepEqual(track.sent, [3]);
  });

  it('sends nothing while paused, and the same stream again when resumed', () => {
    showA();
    slot.pause('p');
    assert.equal(streams.get('a')?.readers, 0);
    slot.resume({}, 'r');
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
    slot.want({ stream: '' }, 'r');
    assert.deepEqual(words(), [['', 'inactive', 'r']]);
    slot.want({ stream: 'a' });
    sources.a.play(units(1));
    assert.equal(slot.status.status, 'active');
  });

  it('starts with the next key frame where no GOP is kept', () => {
    streams = new StreamRegistry([new Stream('a', [sources.a], { linger: 0, gop: { units: 0, bytes: 0 } })]);
    const late = new Slot(0, streams, (status, requestId) => told.push([status, requestId]));
    late.attach(track);
    streams.get('a')?.read({ unit: () => {}, changed: () => {} });
    sources.a.play(units(3));
    late.want({ stream: 'a' });
    sources.a.send(units(2, 50, 3).slice(1));
    assert.deepEqual([track.sent, late.status.status, sources.a.keyframes], [[], 'buffering', 0]);
    sources.a.send(units(2, 2, 10));
    assert.deepEqual([track.sent, late.status.status], [[10, 11], 'active']);
    late.close();
  });

  it('tells a new size, with the key frame that has it', () => {
    showA();
    sources.a.play(units(2, 50, 30), 1920, 1080);
    assert.deepEqual(track.sent, [30, 31]);
    assert.deepEqual(
      told.map(([{ status, width, height }]) => [status, width, height]),
      [['active', 1920, 1080]],
    );
  });

  it('does not say again what it said', () => {
    showA();
    sources.a.play(units(2, 50, 30));
    sources.a.play(units(2, 50, 40));
    assert.deepEqual([track.sent, told], [[30, 31, 40, 41], []]);
  });

  it('goes on with a stream that the configuration changes, and says when one is gone', () => {
    showA();
    const other = new ScriptedSource();
    streams.get('a')?.replace([other], { linger: 0 });
    sources.a.send(units(2, 50, 2).slice(1));
    other.play(units(2, 50, 60));
    assert.deepEqual([track.sent, told], [[3, 60, 61], []]);
    const stream = streams.get('a');
    streams.replace([streams.get('b') as Stream]);
    stream?.remove();
    assert.deepEqual(words(), [['a', 'error', undefined]]);
    assert.equal(told[0]?.[0].error, 'stream not found');
  });

  it('keeps its picture where the stream that it waits for is removed', () => {
    showA();
    slot.want({ stream: 'b' }, 'r');
    const stream = streams.get('b');
    streams.replace([streams.get('a') as Stream]);
    stream?.remove();
    sources.a.send(units(2, 50, 2).slice(1));
    assert.deepEqual(words(), [
      ['b', 'buffering', 'r'],
      ['b', 'error', 'r'],
      ['a', 'active', undefined],
    ]);
    assert.deepEqual(track.sent, [3]);
  });

  it('leaves its streams when it is closed', () => {
    showA();
    slot.want({ stream: 'b' });
    slot.close();
    assert.deepEqual([streams.get('a')?.readers, streams.get('b')?.readers], [0, 0]);
  });

  describe('that is calm', () => {
    /** A second of a quiet scene after another, 25 pictures with a key frame first; `sent` numbers them modulo 256. */
    let number = 0;
    const seconds = (count: number, size = 100) =>
      Array.from({ length: count * 25 }, () => picture(number % 25 === 0 ? 40_000 : size));
    const picture = (size: number): AccessUnit => {
      const data = Buffer.alloc(size, 1);
      data[size - 1] = number % 256;
      return { keyframe: number % 25 === 0, timestamp: number++ * 40_000, data };
    };
    const calms = () => told.map(([{ status, calm, interval }]) => [status, calm, interval]);

    function showCalm(): void {
      slot.want({ stream: 'a', calm: true });
      sources.a.play(seconds(8));
      told = [];
      track.sent = [];
      track.stamps = [];
    }

    beforeEach(() => {
      number = 0;
    });

    it('sends a key frame in four seconds while nothing moves, and no other picture, and says so', () => {
      showCalm();
      assert.deepEqual([slot.status.status, slot.status.calm, slot.status.interval], ['active', true, 4000]);
      sources.a.send(seconds(8));
      const [first = 0, ...others] = track.sent;
      assert.equal(first % 25, 0);
      assert.deepEqual(others, [first + 100 - 256]);
      assert.deepEqual(told, []);
    });

    it('sends no more of a camera whose key frames are a little further apart than it means', () => {
      const late = (count: number) => seconds(count).map((unit) => ({ ...unit, timestamp: unit.timestamp * 1.02 }));
      slot.want({ stream: 'a', calm: true });
      sources.a.play(late(8));
      track.sent = [];
      sources.a.send(late(12));
      const gaps = track.sent.slice(1).map((number, index) => (number - (track.sent[index] as number) + 256) % 256);
      assert.deepEqual(gaps, [100, 100]);
    });

    it('sends each key frame of a camera that sends fewer', () => {
      const slow = (count: number) =>
        Array.from({ length: count * 10 }, () => {
          const keyframe = number % 10 === 0;
          const unit = picture(keyframe ? 40_000 : 100);
          return { ...unit, timestamp: unit.timestamp * 12.5, keyframe };
        });
      slot.want({ stream: 'a', calm: true });
      sources.a.play(slow(6));
      track.sent = [];
      sources.a.send(slow(3));
      assert.deepEqual([track.sent, slot.status.calm, slot.status.interval], [[60, 70, 80], true, 5000]);
    });

    it('sends the first key frame after it has become calm, however soon, where the next one would be too late', () => {
      const slow = (count: number) =>
        Array.from({ length: count }, () => {
          const keyframe = number % 100 === 0;
          return { ...picture(keyframe ? 40_000 : 100), keyframe };
        });
      slot.want({ stream: 'a' });
      sources.a.play(slow(650));
      slot.want({ stream: 'a', calm: true });
      track.sent = [];
      sources.a.send(slow(60));
      assert.deepEqual([track.sent, slot.status.calm, slot.status.interval], [[650 % 256, 700 % 256], true, 4000]);
    });

    it('sends the first picture of a movement with all those that it had passed over, and each one after it', () => {
      showCalm();
      sources.a.send(seconds(1).slice(0, 10));
      number = 210;
      track.sent = [];
      sources.a.send([picture(900), picture(100)]);
      assert.deepEqual(track.sent, [200, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211]);
      assert.ok(track.stamps.every((stamp, index) => index === 0 || stamp > (track.stamps[index - 1] as number)));
      assert.deepEqual(calms(), [['active', undefined, undefined]]);
      const [[status]] = told as [[SlotStatus, undefined]];
      assert.equal(status.rtp_live, track.stamps.at(-2));
      number = 212;
      sources.a.send(seconds(5));
      assert.deepEqual(calms().at(-1), ['active', true, 4000]);
    });

    it('sends everything of a quiet stream to a viewer that does not want it calm', () => {
      slot.want({ stream: 'a' });
      sources.a.play(seconds(8));
      assert.equal(track.sent.length, 200);
      assert.equal(slot.status.calm, undefined);
    });

    it('sends the present picture at once when the viewer looks, and every one from then on', () => {
      showCalm();
      sources.a.send(seconds(1).slice(0, 10));
      number = 210;
      track.sent = [];
      slot.want({ stream: 'a' }, 'looked');
      assert.deepEqual(track.sent, [200, 201, 202, 203, 204, 205, 206, 207, 208, 209]);
      assert.deepEqual([told.length, told[0]?.[1], told[0]?.[0].calm], [1, 'looked', undefined]);
      sources.a.send([picture(100)]);
      assert.equal(track.sent.at(-1), 210);
      slot.resume({ calm: true });
      sources.a.send([picture(100), picture(100)]);
      assert.deepEqual([track.sent.at(-1), slot.status.calm], [211, true]);
    });

    it('wakes with a later picture where the budget for GOPs is spent', () => {
      showCalm();
      track.hasBudget = false;
      sources.a.send([picture(40_000), picture(900)]);
      assert.deepEqual([track.sent, slot.status.calm], [[200], true]);
      track.hasBudget = true;
      sources.a.send([picture(100)]);
      assert.deepEqual([track.sent, slot.status.calm], [[200, 200, 201, 202], undefined]);
    });

    it('passes over a decoder that only waits, and repairs a loss by the key frame alone', (context) => {
      showCalm();
      let now = performance.now();
      context.mock.method(performance, 'now', () => now);
      sources.a.send(seconds(1).slice(0, 10));
      track.sent = [];
      now += 1000;
      slot.refresh('decoder');
      assert.deepEqual(track.sent, [200]);
      now += 3000;
      slot.refresh('decoder');
      assert.deepEqual(track.sent, [200]);
      slot.refresh('viewer');
      assert.deepEqual(track.sent, [200, 200]);
    });

    it('is no measure of the link: it is neither stepped down nor up', () => {
      showCalm();
      assert.deepEqual([slot.isCalm, slot.canStepDown, slot.isSteppedDown], [true, false, false]);
    });

    it('begins anew with a camera that comes back', () => {
      showCalm();
      sources.a.sink?.offline('no answer');
      assert.deepEqual(calms(), [['offline', undefined, undefined]]);
      number = 0;
      sources.a.play(seconds(1));
      assert.deepEqual([slot.status.calm, track.sent.length], [undefined, 25]);
    });
  });
});
