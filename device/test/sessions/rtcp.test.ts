import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asksForKeyframe, readReport } from '../../src/sessions/rtcp.ts';

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

  it('reads what share of our packets was lost, and what the link is taken for', () => {
    const block = (ssrc: number, lost: number) => [ssrc, lost << 24, 0, 0, 0, 0];
    const report = words(header(2, 201, 13), 1, ...block(7, 255), ...block(ours, 64));
    // 2 Mbit/s: a mantissa of 250,000 and an exponent of 3.
    const estimate = words(header(15, 206, 5), 1, 0, 0x52454d42, (1 << 24) | (3 << 18) | 250_000, ours);
    assert.deepEqual(readReport(Buffer.concat([report, estimate]), ours), { loss: 0.25, estimate: 2_000_000 });
    assert.deepEqual(readReport(Buffer.concat([report, pli(ours)]), 8), { loss: null, estimate: null });
  });

  it('reads a cut packet to its end and no further', () => {
    const packet = Buffer.concat([receiverReport, fir(7, ours)]);
    for (let length = 0; length < packet.length; length++) {
      assert.equal(asksForKeyframe(packet.subarray(0, length), ours), false);
      assert.deepEqual(readReport(packet.subarray(0, length), ours), { loss: null, estimate: null });
    }
  });
});
