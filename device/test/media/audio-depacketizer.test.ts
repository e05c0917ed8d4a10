import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAudioDepacketizer } from '../../src/media/audio-depacketizer.ts';
import type { AudioCodec, AudioFormat } from '../../src/media/audio-unit.ts';
import type { RtpPacket } from '../../src/media/rtp-packet.ts';

/** HE-AAC of 32 kHz, whose core has 16. */
const heAac = Buffer.from([0x2c, 0x0a, 0x88]);
const formatOf = (codec: AudioCodec, config: Buffer = Buffer.alloc(0)): AudioFormat => ({
  ...{ codec, clockRate: 32_000, channels: 1, config },
});
const layout = { sizeLength: 13, indexLength: 3, indexDeltaLength: 3 };
const packet = (sequence: number, payload: Buffer, timestamp = 1000): RtpPacket => ({
  payloadType: 97,
  marker: true,
  sequence,
  timestamp,
  ssrc: 1,
  payload,
});

/** A payload of AAC-hbr (RFC 3640 section 3.3.6): the sizes of the frames, then the frames or a part of one. */
function aac(sizes: readonly number[], data: Buffer): Buffer {
  const headers = Buffer.alloc(2 + 2 * sizes.length);
  headers.writeUInt16BE(16 * sizes.length);
  for (const [index, size] of sizes.entries()) {
    headers.writeUInt16BE(size << 3, 2 + 2 * index);
  }
  return Buffer.concat([headers, data]);
}

describe('sound from RTP', () => {
  it('is several frames of AAC in a packet, 1024 samples apart', () => {
    const sounds = createAudioDepacketizer(formatOf('AAC'), layout);
    const frames = sounds.push(packet(1, aac([2, 3], Buffer.from([1, 2, 3, 4, 5]))));
    assert.deepEqual(
      frames.map(({ rtpTimestamp, data }) => [rtpTimestamp, data.toString('hex')]),
      [
        [1000, '0102'],
        [2024, '030405'],
      ],
    );
  });

  it('is several frames of HE-AAC in a packet, which are twice as far apart', () => {
    const frames = createAudioDepacketizer(formatOf('AAC', heAac), layout).push(
      packet(1, aac([1, 1], Buffer.alloc(2))),
    );
    assert.deepEqual(
      frames.map(({ rtpTimestamp }) => rtpTimestamp),
      [1000, 3048],
    );
  });

  it('is one frame of AAC in several packets, and nothing where a part of it is lost', () => {
    const sounds = createAudioDepacketizer(formatOf('AAC'), layout);
    const parts = [1, 2, 3].map((fill) => aac([30], Buffer.alloc(10, fill)));
    const push = (first: number, which: number[]) =>
      which.flatMap((index) => sounds.push(packet(first + index, parts[index] as Buffer)));
    assert.deepEqual(
      push(1, [0, 1, 2]).map(({ data }) => data.length),
      [30],
    );
    assert.deepEqual(push(4, [0, 2]), []);
    assert.deepEqual(sounds.push(packet(7, aac([1], Buffer.from([9])))).length, 1);
  });

  for (const codec of ['PCMU', 'PCMA', 'G722', 'OPUS', 'L16', 'G726', 'AAL2-G726'] as const) {
    it(`is a packet of ${codec} as it comes, once`, () => {
      const sounds = createAudioDepacketizer(formatOf(codec), layout);
      const one = packet(65_535, Buffer.alloc(160, 3));
      assert.deepEqual(sounds.push(one), [{ rtpTimestamp: 1000, data: Buffer.alloc(160, 3) }]);
      assert.deepEqual(sounds.push(one), []);
      assert.equal(sounds.push(packet(0, Buffer.alloc(160))).length, 1);
      assert.deepEqual(sounds.push(packet(1, Buffer.alloc(0))), []);
    });
  }
});
