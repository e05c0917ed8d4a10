import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { ResendBuffer } from '../../src/webrtc/resend-buffer.ts';

const packet = Buffer.alloc(0);
const packetsOf = (count: number) => Array.from({ length: count }, () => packet);

describe('what a track keeps for those who ask again', () => {
  let buffer: ResendBuffer;
  const keep = (first: number, packets: number, at = 0) => buffer.keep(packetsOf(packets), 0, 96, first, at);
  /** The place in its picture of each packet; null for one that is not kept. */
  const places = (...sequences: number[]) => sequences.map((sequence) => buffer.take(sequence, 0, 0)?.index ?? null);

  beforeEach(() => {
    buffer = new ResendBuffer();
  });

  it('finds each packet by its number, also if numbers begin again', () => {
    keep(65_530, 4);
    keep(65_534, 4);
    assert.deepEqual(places(65_529, 65_530, 65_533, 65_534, 65_535, 0, 1, 2), [null, 0, 3, 0, 1, 2, 3, null]);
  });

  it('knows what each picture was sent with, while new ones take the places of the old at any rate', () => {
    let at = 0;
    for (let nth = 0; nth < 500; nth++) {
      at += nth < 200 ? 40 : nth < 300 ? 100 : 20;
      buffer.keep(packetsOf(2), nth, 96, nth * 2, at);
      const pictures = [nth, Math.max(0, nth - 15)];
      const found = pictures.map((one) => buffer.take(one * 2 + 1, at, 0)?.picture.timestamp);
      assert.deepEqual(found, pictures);
    }
  });

  it('forgets pictures after two seconds', () => {
    keep(1, 1, 0);
    keep(2, 1, 1000);
    keep(3, 1, 2001);
    assert.deepEqual(places(1, 2, 3), [null, 0, 0]);
  });

  it('keeps no more packets than SRTP takes a second time', () => {
    keep(0, 600);
    keep(600, 600);
    assert.deepEqual(places(599, 600), [null, 0]);
    keep(1200, 3000);
    assert.deepEqual(places(1200, 3199, 3200, 4199), [null, null, 2000, 2999]);
  });

  it('finds nothing in a picture without packets, and what follows it', () => {
    keep(0, 0);
    assert.deepEqual(places(0), [null]);
    keep(0, 2);
    keep(2, 0);
    keep(2, 1);
    assert.deepEqual(places(0, 1, 2, 3), [0, 1, 0, null]);
  });

  it('gives a packet once in an interval', () => {
    keep(0, 2);
    const take = (sequence: number, now: number) => buffer.take(sequence, now, 50) !== null;
    assert.deepEqual([take(0, 0), take(0, 49), take(1, 49), take(0, 50)], [true, false, true, true]);
  });
});
