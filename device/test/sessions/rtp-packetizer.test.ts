import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RtpPacketizer } from '../../src/sessions/rtp-packetizer.ts';
import type { Codec } from '../../src/streams/access-unit.ts';

const short = Buffer.from([0, 0, 1]);
const long = Buffer.from([0, 0, 0, 1]);
/** A NAL unit that begins with its header, and in which each byte tells its place. */
const nal = (header: number[], length: number) =>
  Buffer.from([...header, ...Array.from({ length }, (_, index) => (index % 255) + 1)]);

const fixedHeader = 12;

function payloads(unit: Buffer, codec: Codec): Buffer[] {
  return new RtpPacketizer(7, null).packetize(unit, 0, codec, 96).map((packet) => packet.subarray(fixedHeader));
}

describe('the RTP packetizer', () => {
  it('numbers its packets, marks the last of a picture, and says time, source and payload type', () => {
    const packetizer = new RtpPacketizer(0xcafe, null, 65_534);
    const unit = Buffer.concat([long, nal([0x67], 10), short, nal([0x68], 4), long, nal([0x65], 20)]);
    const packets = packetizer.packetize(unit, 0xfffffff0, 'H264', 96);
    assert.deepEqual(
      packets.map((packet) => [packet.readUInt8(0), packet.readUInt8(1), packet.readUInt16BE(2)]),
      [
        [0x80, 96, 65_534],
        [0x80, 96, 65_535],
        [0x80, 96 | 0x80, 0],
      ],
    );
    assert.ok(packets.every((packet) => packet.readUInt32BE(4) === 0xfffffff0 && packet.readUInt32BE(8) === 0xcafe));
    assert.deepEqual(packets[1]?.subarray(fixedHeader), nal([0x68], 4));
  });

  it('goes on in its numbers where another codec follows', () => {
    const packetizer = new RtpPacketizer(1, null, 5);
    const [a] = packetizer.packetize(Buffer.concat([long, nal([0x65], 5)]), 0, 'H264', 96);
    const [b] = packetizer.packetize(Buffer.concat([long, nal([0x26, 1], 5)]), 90, 'H265', 98);
    assert.deepEqual([a?.readUInt16BE(2), b?.readUInt16BE(2), b?.readUInt8(1)], [5, 6, 98 | 0x80]);
  });

  it('says that each picture is to be shown when it comes, where the browser knows such words', () => {
    const [packet] = new RtpPacketizer(1, 6).packetize(Buffer.concat([long, nal([0x65], 5)]), 0, 'H264', 96);
    assert.equal(packet?.readUInt8(0), 0x90);
    assert.equal(packet?.subarray(12, 20).toString('hex'), 'bede000162000000');
    assert.deepEqual(packet?.subarray(20), nal([0x65], 5));
  });

  it('passes NAL units on without start codes and the zeros between them', () => {
    const unit = Buffer.concat([long, nal([0x67], 3), Buffer.alloc(3), short, nal([0x65], 3), Buffer.alloc(2)]);
    assert.deepEqual(payloads(unit, 'H264'), [nal([0x67], 3), nal([0x65], 3)]);
    assert.deepEqual(payloads(Buffer.alloc(9), 'H264'), []);
  });

  for (const [codec, header, type] of [
    ['H264', [0x65], 5],
    ['H265', [0x26, 0x01], 19],
  ] as const) {
    it(`takes a large NAL unit of ${codec} apart, and each part says whose it is`, () => {
      const whole = nal([...header], 5000);
      const parts = payloads(Buffer.concat([long, whole]), codec);
      const lead = codec === 'H264' ? [0x60 | 28] : [49 << 1, 1];
      assert.ok(parts.every((part) => part.length <= 1160));
      assert.ok(parts.every((part) => part.subarray(0, lead.length).equals(Buffer.from(lead))));
      const places = parts.map((part) => part.readUInt8(lead.length));
      assert.deepEqual(places, [0x80 | type, ...places.slice(1, -1).map(() => type), 0x40 | type]);
      const bodies = parts.map((part) => part.subarray(lead.length + 1));
      assert.deepEqual(Buffer.concat([Buffer.from(header), ...bodies]), whole);
    });
  }
});
