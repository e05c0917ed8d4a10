import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { ResendBuffer } from '../../src/sessions/resend-buffer.ts';

/** Packets with nothing but their sequence numbers. */
const packets = (first: number, count = 1) =>
  Array.from({ length: count }, (_, index) => {
    const packet = Buffer.alloc(12);
    packet.writeUInt16BE((first + index) % 2 ** 16, 2);
    return packet;
  });

describe('what a track keeps for those who ask again', () => {
  let buffer: ResendBuffer;

  beforeEach(() => {
    buffer = new ResendBuffer();
  });

  it('finds each packet by its number, also where the numbers begin again', () => {
    const picture = packets(65_534, 4);
    buffer.keep(packets(65_530, 4), 0);
    buffer.keep(picture, 40);
    assert.deepEqual(
      [65_534, 65_535, 0, 1].map((sequence) => buffer.find(sequence)),
      picture,
    );
    assert.equal(buffer.find(2), undefined);
    assert.equal(buffer.find(65_529), undefined);
  });

  it('forgets pictures after two seconds', () => {
    buffer.keep(packets(1), 0);
    buffer.keep(packets(2), 1000);
    buffer.keep(packets(3), 2001);
    assert.deepEqual(
      [1, 2, 3].map((sequence) => buffer.find(sequence) !== undefined),
      [false, true, true],
    );
  });

  it('keeps no more packets than SRTP takes a second time, but the newest picture whole', () => {
    buffer.keep(packets(0, 600), 0);
    buffer.keep(packets(600, 600), 0);
    assert.equal(buffer.find(599), undefined);
    assert.notEqual(buffer.find(600), undefined);
    buffer.keep(packets(1200, 3000), 0);
    assert.notEqual(buffer.find(1200), undefined);
  });

  it('takes a picture without packets for none', () => {
    buffer.keep([], 0);
    assert.equal(buffer.find(0), undefined);
  });
});
