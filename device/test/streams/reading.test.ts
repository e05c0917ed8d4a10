import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccessUnit, StreamFormat } from '../../src/media/access-unit.ts';
import { Reading } from '../../src/streams/reading.ts';
import { Rendition } from '../../src/streams/rendition.ts';
import { ScriptedSource, units } from './units.ts';

/** A reading of one rendition, the timestamps that its reader got, and how often it was told of a change. */
function setup(takes: (format: StreamFormat) => boolean = () => true) {
  const source = new ScriptedSource();
  const silent = { unit: () => {}, changed: () => {} };
  const rendition = new Rendition(source, { linger: 0, gop: { bytes: 1e6, units: 100 } }, silent);
  const got: number[] = [];
  const reader = { unit: ({ timestamp }: AccessUnit) => got.push(timestamp), changed: () => {} };
  const reading = new Reading({ choose: () => rendition, ended: () => {} }, reader, takes);
  reading.open();
  return { source, reading, got };
}

describe('a reading', () => {
  it('passes pictures on from the first key frame until the source is offline, and again after that', () => {
    const { source, reading, got } = setup();
    const [before, key, delta] = units(4, 2).slice(1) as [AccessUnit, AccessUnit, AccessUnit];
    source.play([before, key, delta]);
    assert.deepEqual([reading.state, got], ['live', [80_000, 120_000]]);
    source.sink?.offline('gone');
    source.send([delta]);
    assert.deepEqual([reading.state, got.length], ['offline', 2]);
    source.play([key, delta]);
    assert.deepEqual(got, [80_000, 120_000, 80_000, 120_000]);
  });

  it('passes nothing on that its reader does not take, and all of it when the reader takes it', () => {
    let isTaken = false;
    const { source, reading, got } = setup(() => isTaken);
    source.play(units(2));
    assert.deepEqual([reading.state, got], ['mismatch', []]);
    isTaken = true;
    reading.review();
    source.send(units(1, 2, 2));
    assert.deepEqual([reading.state, got], ['live', [80_000]]);
  });

  it('passes nothing on after its end', () => {
    const { source, reading, got } = setup();
    source.play(units(1));
    const { sink } = source;
    reading.close();
    sink?.unit(units(2)[1] as AccessUnit);
    assert.deepEqual(got, [0]);
  });
});
