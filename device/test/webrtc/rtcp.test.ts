import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFeedback, writeSenderReport } from '../../src/webrtc/rtcp.ts';
import {
  brokenDescription,
  emptyReport,
  estimate,
  fir,
  longDescription,
  nack,
  nackBefore,
  pli,
  report,
} from '../support/rtcp.ts';

const ours = 0xdeadbeef;
const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const read = (...packets: Buffer[]) => [...readFeedback(Buffer.concat(packets), now)];

describe('RTCP feedback', () => {
  it('finds a PLI and an FIR in a compound packet', () => {
    assert.deepEqual(read(emptyReport, pli(ours)), [{ type: 'keyframe', ssrc: ours }]);
    assert.deepEqual(read(emptyReport, fir(7, ours)), [
      { type: 'keyframe', ssrc: 7 },
      { type: 'keyframe', ssrc: ours },
    ]);
  });

  it('reads what share of packets was lost, and what the link is taken for', () => {
    assert.deepEqual(read(report(ours, 64), estimate(2_000_000, ours)), [
      { type: 'report', ssrc: ours, loss: 0.25, roundTrip: null },
      { type: 'estimate', bitrate: 2_000_000 },
    ]);
  });

  it('reads the numbers of missing packets, also if they begin again', () => {
    assert.deepEqual(read(emptyReport, nack(ours, (100 << 16) | 0b101, (65_535 << 16) | 0x8001)), [
      { type: 'missing', ssrc: ours, sequences: [100, 101, 103, 65_535, 0, 15] },
    ]);
  });

  it('reads no more missing packets than a track can keep', () => {
    const [missing] = read(nackBefore(ours, 5000, 60_000));
    assert.ok(missing?.type === 'missing' && missing.sequences.length <= 1024 + 16);
  });

  it('reads a cut packet to its end and no further', () => {
    const packet = Buffer.concat([emptyReport, fir(ours)]);
    for (let length = 0; length < packet.length; length++) {
      assert.deepEqual(read(packet.subarray(0, length)), []);
    }
  });

  it('passes over source descriptions, broken or not', () => {
    assert.deepEqual(read(brokenDescription), []);
    assert.deepEqual(read(longDescription(), pli(ours)), [{ type: 'keyframe', ssrc: ours }]);
  });
});

describe('a sender report', () => {
  const sent = { timestamp: 0xfedcba98, packets: 300, octets: 2 ** 32 + 5 };
  const sender = writeSenderReport(ours, 'slot-0-abc', now, sent);

  it('tells the time in NTP, the pictures’ time and what was sent', () => {
    assert.equal(sender.readUInt32BE(0), 0x80c80006);
    assert.equal(sender.readUInt32BE(8) - 2_208_988_800, Math.floor(now / 1000));
    assert.equal(Math.round((sender.readUInt32BE(12) / 2 ** 32) * 1000), 678);
    assert.deepEqual(
      [4, 16, 20, 24].map((at) => sender.readUInt32BE(at)),
      [ours, 0xfedcba98, 300, 5],
    );
  });

  it('names its source in whole words', () => {
    const description = sender.subarray(28);
    assert.equal(description.readUInt32BE(0), 0x81ca0000 + description.length / 4 - 1);
    assert.equal(description.toString('latin1', 10, 20), 'slot-0-abc');
    assert.equal(description.at(-1), 0);
  });

  it('is what a round trip is measured by', () => {
    // Received, held for 0.25 s, and told of in a packet that comes 300 ms after the report went out.
    const lastReport = sender.readUInt32BE(10);
    const [told] = [...readFeedback(report(ours, 0, lastReport, 0.25 * 2 ** 16), now + 300)];
    assert.ok(told?.type === 'report' && Math.abs((told.roundTrip ?? 0) - 50) < 0.1, `${JSON.stringify(told)}`);
  });
});
