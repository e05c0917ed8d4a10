import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { JpegSplitter } from '../../src/media/jpeg-splitter.ts';
import { fuzz } from '../support/fuzz.ts';

const segment = (marker: number, payload: number[]) =>
  Buffer.from([0xff, marker, (payload.length + 2) >> 8, (payload.length + 2) & 0xff, ...payload]);

/** Bytes of a scan: after 0xff comes 0, or a restart (ITU-T T.81 section B.1.1.5). */
const scan = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 254 }).map((byte) => [byte]),
      fc.constantFrom([0xff, 0], [0xff, 0xd3]),
    ),
  )
  .map((parts) => Buffer.from(parts.flat()));

const payload = fc.array(fc.constantFrom(0, 0xff, 0xd8, 0xd9, 7), { maxLength: 12 });
const jpeg = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom(0xe0, 0xe1, 0xc0, 0xc4, 0xfe), payload), { minLength: 1 }), payload, scan)
  .map(([segments, head, bytes]) =>
    Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      ...segments.map(([marker, data]) => segment(marker, data)),
      segment(0xda, head),
      bytes,
      Buffer.from([0xff, 0xd9]),
    ]),
  );

/** Cameras write this between two pictures. */
const between = fc.constantFrom(
  '',
  '\r\n',
  '--b\r\nContent-Type: image/jpg\r\nContent-Length: 7\r\n\r\n',
  '\r\n\r\n----b\nX: 1\n\n',
);

function split(data: Buffer, step: number): string[] {
  const splitter = new JpegSplitter();
  const pictures: string[] = [];
  for (let at = 0; at < data.length; at += step) {
    pictures.push(...splitter.push(data.subarray(at, at + step)).map((picture) => picture.toString('hex')));
  }
  return pictures;
}

describe('a stream of JPEG pictures', () => {
  it('is cut into its pictures, whatever stands between them and however it arrives', () =>
    fuzz({
      corpus: new URL('corpus/jpeg/', import.meta.url),
      input: fc
        .tuple(fc.array(fc.tuple(between, jpeg), { maxLength: 4 }), fc.integer({ min: 1, max: 40 }))
        .map(([parts, step]) => ({ parts, step })),
      holds: ({ parts, step }) => {
        const data = Buffer.concat(parts.flatMap(([text, picture]) => [Buffer.from(text), picture]));
        assert.deepEqual(
          split(data, step),
          parts.map(([, picture]) => picture.toString('hex')),
        );
      },
    }));

  it('of any bytes gives the same pictures in whatever pieces it arrives', () =>
    fuzz({
      corpus: new URL('corpus/jpeg-bytes/', import.meta.url),
      input: fc
        .array(fc.constantFrom(0, 1, 4, 0xff, 0xff, 0xd8, 0xd9, 0xda, 0xe0), { maxLength: 80 })
        .map((bytes) => Buffer.from(bytes)),
      holds: (data) => {
        const whole = split(data, data.length || 1);
        assert.deepEqual(split(data, 1), whole);
        assert.ok(whole.join('').length <= 2 * data.length);
      },
    }));

  it('goes on with the picture behind one that has no end', () => {
    const first = Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xda, [1]), Buffer.from([1, 2, 3])]);
    const second = Buffer.concat([first, Buffer.from([0xff, 0xd9])]);
    assert.deepEqual(split(Buffer.concat([first, second]), 5), [first.toString('hex'), second.toString('hex')]);
  });
});
