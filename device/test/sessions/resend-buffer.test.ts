import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { ResendBuffer } from '../../src/sessions/resend-buffer.ts';
import type { Picture } from '../../src/sessions/rtp-packetizer.ts';

const picture: Picture = { data: Buffer.alloc(0), timestamp: 0, codec: 'H264', payloadType: 96 };

describe('what a track keeps for those who ask again', () => {
  let buffer: ResendBuffer;
  const keep = (first: number, packets: number, at = 0) => buffer.keep({ picture, first, packets, at });
  /** The first numbers of the pictures that hold these packets. */
  const holding = (...sequences: number[]) => buffer.holding(sequences).map(({ first }) => first);

  beforeEach(() => {
    buffer = new ResendBuffer();
  });

  it('finds each picture by the numbers of its packets, also where they begin again', () => {
    keep(65_530, 4);
    keep(65_534, 4);
    for (const sequence of [65_534, 65_535, 0, 1]) {
      assert.deepEqual(holding(sequence), [65_534]);
    }
    assert.deepEqual(holding(65_533, 1, 0), [65_530, 65_534]);
    assert.deepEqual(holding(2, 65_529), []);
  });

  it('forgets pictures after two seconds', () => {
    keep(1, 1, 0);
    keep(2, 1, 1000);
    keep(3, 1, 2001);
    assert.deepEqual(holding(1, 2, 3), [2, 3]);
  });

  it('keeps no more packets than SRTP takes a second time, but the newest picture whole', () => {
    keep(0, 600);
    keep(600, 600);
    assert.deepEqual(holding(599, 600), [600]);
    keep(1200, 3000);
    assert.deepEqual(holding(1200, 4199), [1200]);
  });

  it('finds nothing in a picture without packets', () => {
    keep(0, 0);
    assert.deepEqual(holding(0), []);
  });
});
