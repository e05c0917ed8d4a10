import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { type Picture, PictureAssembler } from '../../src/coder/picture-assembler.ts';

const startCode = Buffer.from([0, 0, 0, 1]);
/** The most bytes that a packet takes of a unit that is too long for it. */
const mtu = 1000;

/** NAL units of H.264 by what they are; the rest of each is filled with its number, so that none is like another. */
const headers = {
  delta: [0x41, 0x9a],
  'delta, next slice': [0x41, 0x1a],
  key: [0x65, 0x88],
  'key, next slice': [0x65, 0x08],
  sps: [0x67, 0x42],
  pps: [0x68, 0xce],
  delimiter: [0x09, 0x30],
  'recovery point': [0x06, 0x06, 0x01, 0xc4, 0x80],
  'other sei': [0x06, 0x05, 0x01, 0xff, 0x80],
  filler: [0x0c, 0xff],
} as const;
type Kind = keyof typeof headers;

let made = 0;

function unit(kind: Kind, size = 100): Buffer {
  made = (made % 250) + 1;
  return Buffer.concat([Buffer.from(headers[kind]), Buffer.alloc(Math.max(0, size - headers[kind].length), made)]);
}

/** Gives what FFmpeg makes of a camera's packets for a unit: `cut` says how many bytes each takes. */
function parts(nal: Buffer, cut: (left: number) => number = () => mtu): Buffer[] {
  const all: Buffer[] = [];
  for (let at = 0; at < nal.length; ) {
    // A fragment's own header takes the place of the unit's.
    const size = at === 0 ? 1 + cut(nal.length) : cut(nal.length - at);
    all.push(Buffer.concat([at === 0 ? startCode : Buffer.alloc(0), nal.subarray(at, at + size)]));
    at += size;
  }
  return all;
}

describe('pictures from parts', () => {
  let assembler: PictureAssembler;
  let pts: bigint;
  let given: Picture[];

  beforeEach(() => {
    assembler = new PictureAssembler('H264');
    pts = 0n;
    given = [];
  });

  /** The parts of one picture, and what was given by the time that all of them were in. */
  function send(nals: Buffer[], cut?: (left: number) => number): Picture[] {
    pts += 3600n;
    const now = nals.flatMap((nal) => parts(nal, cut)).flatMap((part) => assembler.push(part, pts));
    given.push(...now);
    return now;
  }

  /** A key picture with its parameter sets, and deltas; each of as many slices, the first of them in fragments. */
  function gop(deltas = 9, slices = 1, size = 2500): Buffer[][] {
    const more = (kind: 'delta' | 'key') =>
      Array.from({ length: slices - 1 }, () => unit(`${kind}, next slice`, size / 2));
    return [
      [unit('sps', 20), unit('pps', 6), unit('key', size * 2), ...more('key')],
      ...Array.from({ length: deltas }, () => [unit('delta', size), ...more('delta')]),
    ];
  }

  const bytes = (nals: Buffer[]) => Buffer.concat(nals.flatMap((nal) => [startCode, nal])).toString('hex');

  it('are given when the next one begins', () => {
    const pictures = gop(3);
    for (const nals of pictures) {
      send(nals);
    }
    assert.deepEqual(
      given.map(({ data }) => data.toString('hex')),
      pictures.slice(0, 3).map(bytes),
    );
    assert.deepEqual(
      given.map(({ keyframe, pts }) => [keyframe, pts]),
      [
        [true, 3600n],
        [false, 7200n],
        [false, 10800n],
      ],
    );
  });

  it('are not given where their first slice is missing, as to one who comes in the middle of a picture', () => {
    const [key, next, last] = gop(2, 4) as [Buffer[], Buffer[], Buffer[]];
    for (const nals of [key.slice(-2), [unit('delimiter', 2), ...next.slice(-3)], last, [unit('delta')]]) {
      send(nals);
    }
    assert.deepEqual(
      given.map(({ data }) => data.toString('hex')),
      [bytes(last)],
    );
  });

  it('are whole where a camera cuts into equal parts', () => {
    const equal = (left: number) => Math.ceil(left / Math.ceil(left / mtu));
    const sent: Buffer[][] = [];
    for (let gops = 0; gops < 4; gops++) {
      for (const nals of gop(9, 1, 1800 + 137 * gops)) {
        sent.push(nals);
        send(nals, equal);
      }
    }
    assert.deepEqual(
      given.map(({ data }) => data.toString('hex')),
      sent.slice(0, -1).map(bytes),
    );
  });

  it('get the parameter sets that come with the time of the one before', () => {
    const sets = [unit('sps', 20), unit('pps', 6)];
    const delta = unit('delta', 1500);
    send([delta, ...sets]);
    const key = unit('key', 4500);
    send([key]);
    const [picture] = send([unit('delta', 300)]);
    assert.equal(given[0]?.data.toString('hex'), bytes([delta]));
    assert.deepEqual([picture?.data.toString('hex'), picture?.keyframe], [bytes([...sets, key]), true]);
  });

  it('are told apart by their first slice where a camera gives two of them one time', () => {
    const [one, two] = [unit('delta', 300), unit('delta', 300)];
    send([one, two]);
    send([unit('delta', 300)]);
    assert.deepEqual(
      given.map(({ data }) => data.toString('hex')),
      [bytes([one]), bytes([two])],
    );
  });

  it('are key frames where decoding may begin at a recovery point', () => {
    send([unit('other sei', 5), unit('delta', 300)]);
    send([unit('recovery point', 5), unit('delta', 300)]);
    send([unit('delta', 300)]);
    assert.deepEqual(
      given.map(({ keyframe }) => keyframe),
      [false, true],
    );
  });

  it('are taken apart from one packet with several units', () => {
    const units = [unit('sps', 20), unit('pps', 6), unit('key', 300)];
    const together = Buffer.concat(units.flatMap((nal) => [startCode, nal]));
    assembler.push(together, 1n);
    const [picture] = assembler.push(Buffer.concat([startCode, unit('delta', 300)]), 2n);
    assert.deepEqual([picture?.data.toString('hex'), picture?.keyframe], [together.toString('hex'), true]);
  });

  it('may be H.265', () => {
    const hevc = new PictureAssembler('H265');
    const nal = (type: number, third: number) =>
      Buffer.concat([startCode, Buffer.from([type << 1, 1, third]), Buffer.alloc(100, 7)]);
    const key = [nal(32, 1), nal(33, 1), nal(34, 1), nal(19, 0x80), nal(19, 0x00)];
    const delta = [nal(39, 1), nal(1, 0x80), nal(1, 0x00)];
    const pictures = [key, delta, delta].flatMap((nals, index) =>
      nals.flatMap((part) => hevc.push(part, BigInt(index))),
    );
    assert.deepEqual(
      pictures.map(({ data, keyframe }) => [data.toString('hex'), keyframe]),
      [
        [Buffer.concat(key).toString('hex'), true],
        [Buffer.concat(delta).toString('hex'), false],
      ],
    );
  });
});
