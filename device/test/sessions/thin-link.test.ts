import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { SlotStatus } from '../../../src/protocol/messages.ts';
import { Slot } from '../../src/sessions/slot.ts';
import { StreamRegistry } from '../../src/streams/registry.ts';
import { Stream } from '../../src/streams/stream.ts';
import { ScriptedSource, units } from '../streams/units.ts';
import { ScriptedTrack } from './scripted-track.ts';

describe('a slot', () => {
  let streams: StreamRegistry;
  let slot: Slot;
  let track: ScriptedTrack;
  let told: [SlotStatus, string | undefined][];

  beforeEach(() => {
    told = [];
    track = new ScriptedTrack();
  });

  afterEach(() => {
    slot.close();
    streams.close();
  });

  describe('whose viewer has a thin link', () => {
    let cameras: Record<'cam' | 'cam-720p' | 'cam-360p', ScriptedSource>;

    beforeEach(() => {
      cameras = { cam: new ScriptedSource(), 'cam-720p': new ScriptedSource(), 'cam-360p': new ScriptedSource() };
      streams = new StreamRegistry(Object.entries(cameras).map(([name, source]) => new Stream(name, [source])));
      slot = new Slot(5, streams, (status, requestId) => told.push([status, requestId]));
      slot.attach(track);
      slot.want({ stream: 'cam', quality: 'native' }, 'r');
      cameras.cam.play(units(1));
      told = [];
      track.sent = [];
      track.stamps = [];
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
            ...{ codec: 'H264', width: 1280, height: 720, rtp_first: track.stamps[1], rtp_live: track.stamps[1] },
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
      slot.want({ stream: 'cam', quality: '360p' }, 'w');
      cameras['cam-360p'].play(units(1));
      assert.deepEqual([slot.status.stream, slot.status.actual_quality], ['cam-360p', undefined]);
      slot.want({ stream: 'cam' });
      cameras['cam-720p'].play(units(1));
      assert.deepEqual([slot.status.stream, slot.status.actual_quality], ['cam', '720p']);
    });
  });
});
