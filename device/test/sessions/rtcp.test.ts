import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asksForKeyframe } from '../../src/sessions/rtcp.ts';

const ours = 0xdeadbeef;
const words = (...values: number[]) => {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    buffer.writeUInt32BE(value >>> 0, index * 4);
  });
  return buffer;
};
/** Header: version 2, format or count, type, length in words less one. */
const header = (format: number, type: number, length: number) =>
  ((2 << 30) | (format << 24) | (type << 16) | length) >>> 0;
const receiverReport = words(header(0, 201, 1), 1);
const pli = (ssrc: number) => words(header(1, 206, 2), 1, ssrc);
const fir = (...ssrcs: number[]) =>
  words(header(4, 206, 2 + 2 * ssrcs.length), 1, 0, ...ssrcs.flatMap((ssrc) => [ssrc, 0]));
const remb = words(header(15, 206, 5), 1, 0, 0x52454d42, 0x01000000, ours);

describe('RTCP feedback', () => {
  it('finds a PLI and an FIR for our track in a compound packet', () => {
    assert.equal(asksForKeyframe(Buffer.concat([receiverReport, pli(ours)]), ours), true);
    assert.equal(asksForKeyframe(Buffer.concat([receiverReport, remb, fir(7, ours)]), ours), true);
  });

  it('is not moved by requests for other tracks, nor by other feedback that names ours', () => {
    assert.equal(asksForKeyframe(Buffer.concat([receiverReport, pli(7), fir(8)]), ours), false);
    assert.equal(asksForKeyframe(Buffer.concat([receiverReport, remb]), ours), false);
  });

  it('reads a cut packet to its end and no further', () => {
    const packet = Buffer.concat([receiverReport, fir(7, ours)]);
    for (let length = 0; length < packet.length; length++) {
      assert.equal(asksForKeyframe(packet.subarray(0, length), ours), false);
    }
  });
});
