import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Feedback, readFeedback, writeSenderReport } from '../../src/sessions/rtcp.ts';

const ours = 0xdeadbeef;
const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
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
const nack = (ssrc: number, ...items: number[]) => words(header(1, 205, 2 + items.length), 1, ssrc, ...items);
const remb = words(header(15, 206, 5), 1, 0, 0x52454d42, 0x01000000, ours);

const nothing: Feedback = { loss: null, roundTrip: null, estimate: null, wantsKeyframe: false, missing: [] };
const read = (...packets: Buffer[]) => readFeedback(Buffer.concat(packets), ours, now);

describe('RTCP feedback', () => {
  it('finds a PLI and an FIR for our track in a compound packet', () => {
    assert.equal(read(receiverReport, pli(ours)).wantsKeyframe, true);
    assert.equal(read(receiverReport, remb, fir(7, ours)).wantsKeyframe, true);
  });

  it('is not moved by requests for other tracks, nor by other feedback that names ours', () => {
    assert.deepEqual(read(receiverReport, pli(7), fir(8), nack(9, 5 << 16)), nothing);
    assert.equal(read(receiverReport, remb).wantsKeyframe, false);
  });

  it('reads what share of our packets was lost, and what the link is taken for', () => {
    const block = (ssrc: number, lost: number) => [ssrc, lost << 24, 0, 0, 0, 0];
    const report = words(header(2, 201, 13), 1, ...block(7, 255), ...block(ours, 64));
    // 2 Mbit/s: a mantissa of 250,000 and an exponent of 3.
    const estimate = words(header(15, 206, 5), 1, 0, 0x52454d42, (1 << 24) | (3 << 18) | 250_000, ours);
    assert.deepEqual(read(report, estimate), { ...nothing, loss: 0.25, estimate: 2_000_000 });
  });

  it('reads the numbers of missing packets, also where they begin again', () => {
    assert.deepEqual(read(receiverReport, nack(ours, (100 << 16) | 0b101, (65_535 << 16) | 0x8001)).missing, [
      ...[100, 101, 103],
      ...[65_535, 0, 15],
    ]);
  });

  it('reads a cut packet to its end and no further', () => {
    const packet = Buffer.concat([receiverReport, fir(7, ours)]);
    for (let length = 0; length < packet.length; length++) {
      assert.deepEqual(read(packet.subarray(0, length)), nothing);
    }
  });
});

describe('a sender report', () => {
  const sent = { timestamp: 0xfedcba98, packets: 300, octets: 2 ** 32 + 5 };
  const report = writeSenderReport(ours, 'slot-0-abc', now, sent);

  it('tells the time in NTP, the pictures’ time and what was sent', () => {
    assert.equal(report.readUInt32BE(0), header(0, 200, 6));
    assert.equal(report.readUInt32BE(8) - 2_208_988_800, Math.floor(now / 1000));
    assert.equal(Math.round((report.readUInt32BE(12) / 2 ** 32) * 1000), 678);
    assert.deepEqual(
      [4, 16, 20, 24].map((at) => report.readUInt32BE(at)),
      [ours, 0xfedcba98, 300, 5],
    );
  });

  it('names its source in whole words', () => {
    const description = report.subarray(28);
    assert.equal(description.readUInt32BE(0), header(1, 202, description.length / 4 - 1));
    assert.equal(description.toString('latin1', 10, 20), 'slot-0-abc');
    assert.equal(description.at(-1), 0);
  });

  it('is what a round trip is measured by', () => {
    // Received, held for 0.25 s, and told of in a packet that comes 300 ms after the report went out.
    const lastReport = report.readUInt32BE(10);
    const block = words(header(1, 201, 7), 1, ours, 0, 0, 0, lastReport, 0.25 * 2 ** 16);
    const { roundTrip } = readFeedback(block, ours, now + 300);
    assert.ok(Math.abs((roundTrip ?? 0) - 50) < 0.1, `${roundTrip} ms`);
    const unheard = words(header(1, 201, 7), 1, ours, 0, 0, 0, 0, 0);
    assert.equal(readFeedback(unheard, ours, now).roundTrip, null);
  });
});
