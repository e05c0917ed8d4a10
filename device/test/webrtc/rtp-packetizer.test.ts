import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Codec } from '../../src/media/access-unit.ts';
import { RtpPacketizer } from '../../src/webrtc/rtp-packetizer.ts';

const short = Buffer.from([0, 0, 1]);
const long = Buffer.from([0, 0, 0, 1]);
/** A NAL unit that begins with its header, and in which each byte tells its place. */
const nal = (header: number[], length: number) =>
  Buffer.from([...header, ...Array.from({ length }, (_, index) => (index % 255) + 1)]);

const fixedHeader = 12;

interface Sent {
  timestamp?: number;
  codec?: Codec;
  payloadType?: number;
}

/** Copies: all viewers share the packets, and each writes its own header into them. */
function packetsOf(packetizer: RtpPacketizer, data: Buffer, rest: Sent = {}, first = 0): Buffer[] {
  const { timestamp = 0, codec = 'H264', payloadType = 96 } = rest;
  const packets = packetizer.packetsOf(data, codec);
  return packets.map((_, index) =>
    Buffer.from(packetizer.address({ packets, timestamp, payloadType }, index, first + index)),
  );
}

function payloads(unit: Buffer, codec: Codec): Buffer[] {
  return packetsOf(new RtpPacketizer(7, null), unit, { codec }).map((packet) => packet.subarray(fixedHeader));
}

describe('the RTP packetizer', () => {
  it('numbers its packets, marks the last of a picture, and says time, source and payload type', () => {
    const unit = Buffer.concat([long, nal([0x67], 700), short, nal([0x68], 701), long, nal([0x65], 702)]);
    const packets = packetsOf(new RtpPacketizer(0xcafe, null), unit, { timestamp: 0xfffffff0 }, 65_533);
    assert.deepEqual(
      packets.map((packet) => [packet.readUInt8(0), packet.readUInt8(1), packet.readUInt16BE(2)]),
      [
        [0x80, 96, 65_533],
        [0x80, 96, 65_534],
        [0x80, 96 | 0x80, 65_535],
      ],
    );
    assert.ok(packets.every((packet) => packet.readUInt32BE(4) === 0xfffffff0 && packet.readUInt32BE(8) === 0xcafe));
    assert.deepEqual(packets[1]?.subarray(fixedHeader), nal([0x68], 701));
  });

  it('makes the same packets of a picture again, whatever came between', () => {
    const packetizer = new RtpPacketizer(1, null);
    const picture = Buffer.concat([long, nal([0x65], 3000)]);
    const before = packetsOf(packetizer, picture, { timestamp: 90 }, 5);
    packetsOf(packetizer, Buffer.concat([long, nal([0x26, 1], 5)]), { codec: 'H265', payloadType: 98 });
    assert.deepEqual(packetsOf(packetizer, picture, { timestamp: 90 }, 5), before);
  });

  it('says that each picture is to be shown when it comes, where the browser knows such words', () => {
    const [packet] = packetsOf(new RtpPacketizer(1, 6), Buffer.concat([long, nal([0x65], 5)]));
    assert.equal(packet?.readUInt8(0), 0x90);
    assert.equal(packet?.subarray(12, 20).toString('hex'), 'bede000162000000');
    assert.deepEqual(packet?.subarray(20), nal([0x65], 5));
  });

  it('says how long a picture is to be held to one viewer alone', () => {
    const [held, other] = [new RtpPacketizer(1, 6), new RtpPacketizer(2, 6)];
    const unit = Buffer.concat([long, nal([0x65], 5)]);
    const delayOf = (packetizer: RtpPacketizer) =>
      packetsOf(packetizer, unit).map((packet) => packet.readUIntBE(17, 3));
    held.hold(200);
    assert.deepEqual([held, other, held].map(delayOf), [[(20 << 12) | 20], [0], [(20 << 12) | 20]]);
    held.hold(50);
    assert.deepEqual([other, held].map(delayOf), [[0], [(5 << 12) | 5]]);
    held.hold(0);
    assert.deepEqual([held, other].map(delayOf), [[0], [0]]);
  });

  it('passes NAL units on without start codes and the zeros between them', () => {
    const unit = Buffer.concat([long, nal([0x67], 800), Buffer.alloc(3), short, nal([0x65], 800), Buffer.alloc(2)]);
    assert.deepEqual(payloads(unit, 'H264'), [nal([0x67], 800), nal([0x65], 800)]);
    assert.deepEqual(payloads(Buffer.alloc(9), 'H264'), []);
  });

  it('leaves delimiters and filler data out', () => {
    const unit = Buffer.concat([long, nal([9], 1), long, nal([0x41], 20), long, nal([12], 500)]);
    assert.deepEqual(payloads(unit, 'H264'), [nal([0x41], 20)]);
    const h265 = Buffer.concat([long, nal([35 << 1, 1], 1), long, nal([1 << 1, 1], 20), long, nal([38 << 1, 1], 500)]);
    assert.deepEqual(payloads(h265, 'H265'), [nal([1 << 1, 1], 20)]);
    assert.deepEqual(payloads(Buffer.concat([long, nal([9], 1)]), 'H264'), []);
  });

  it('puts small neighbours into one packet of H.264, in order, as important as the most important one', () => {
    const units = [nal([0x67], 10), nal([0x68], 4), nal([0x06], 30), nal([0x65], 20)];
    const [packet, ...others] = payloads(Buffer.concat(units.flatMap((unit) => [long, unit])), 'H264');
    assert.deepEqual(others, []);
    assert.equal(packet?.readUInt8(0), 0x60 | 24);
    assert.deepEqual(
      packet?.subarray(1),
      Buffer.concat(units.flatMap((unit) => [Buffer.from([0, unit.length]), unit])),
    );
  });

  it('puts small neighbours into one packet of H.265, of the lowest layer and temporal id', () => {
    const units = [nal([32 << 1, 1], 10), nal([33 << 1, 2], 4), nal([(19 << 1) | 1, (2 << 3) | 3], 20)];
    const [packet, ...others] = payloads(Buffer.concat(units.flatMap((unit) => [long, unit])), 'H265');
    assert.deepEqual(others, []);
    assert.deepEqual(packet?.subarray(0, 2), Buffer.from([48 << 1, 1]));
    assert.deepEqual(
      packet?.subarray(2),
      Buffer.concat(units.flatMap((unit) => [Buffer.from([0, unit.length]), unit])),
    );
  });

  it('begins another packet where a neighbour does not fit', () => {
    const sizes = [500, 500, 500, 2000, 10, 10];
    const units = sizes.map((size) => nal([0x41], size));
    const packets = payloads(Buffer.concat(units.flatMap((unit) => [long, unit])), 'H264');
    assert.deepEqual(
      packets.map((packet) => packet.readUInt8(0) & 0x1f),
      [24, 1, 28, 28, 24],
    );
    assert.ok(packets.every((packet) => packet.length <= 1160));
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
