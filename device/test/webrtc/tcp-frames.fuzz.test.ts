import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { FrameReader, writeFrame } from '../../src/webrtc/tcp-frames.ts';
import { fuzz } from '../support/fuzz.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

/** The same bytes in pieces of these lengths, over and over. */
function* pieces(whole: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < whole.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield whole.subarray(at, at + length);
    at += length;
  }
}

describe('packets on a TCP connection of ICE', () => {
  it('come out as they went in, in whatever pieces they travel', () =>
    fuzz({
      corpus: new URL('corpus/tcp-frames/', import.meta.url),
      input: fc.tuple(
        fc.array(bytes(2048), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 }),
      ),
      holds: ([packets, lengths]) => {
        const reader = new FrameReader();
        const whole = Buffer.concat(packets.map(writeFrame));
        const read = [...pieces(whole, lengths)].flatMap((piece) => [...reader.read(piece)]);
        assert.deepEqual(
          read,
          packets.filter(({ length }) => length > 0),
        );
      },
    }));

  it('end with an error or wait for more, whatever comes', () =>
    fuzz({
      corpus: new URL('corpus/tcp-bytes/', import.meta.url),
      input: fc.tuple(bytes(10_000), fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 })),
      holds: ([whole, lengths]) => {
        const reader = new FrameReader();
        try {
          for (const piece of pieces(whole, lengths)) {
            for (const packet of reader.read(piece)) {
              assert.ok(packet.length > 0 && packet.length <= 2048);
            }
          }
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      },
    }));

  it('are refused as soon as their length says that they are too long', () => {
    assert.throws(() => [...new FrameReader().read(Buffer.from([0xff, 0xff]))], RangeError);
    assert.throws(() => [...new FrameReader().read(Buffer.from([0x08, 0x01]))], RangeError);
    assert.deepEqual([...new FrameReader().read(Buffer.from([0x08, 0x00]))], []);
  });
});
