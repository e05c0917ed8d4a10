/** RTP packets as cameras make them of NAL units, for the tests of what reads them. */

import type { Codec } from '../../src/media/access-unit.ts';
import type { RtpPacket } from '../../src/media/rtp-packet.ts';

/** H.264 units by what they are. */
export const sps = Buffer.from([0x67, 0x42, 0xc0, 0x1f, 0xda]);
export const pps = Buffer.from([0x68, 0xce, 0x3c, 0x80]);
export const idr = (size = 100, fill = 7) => Buffer.concat([Buffer.from([0x65, 0x88]), Buffer.alloc(size, fill)]);
export const idrNext = (size = 100, fill = 7) => Buffer.concat([Buffer.from([0x65, 0x08]), Buffer.alloc(size, fill)]);
export const delta = (size = 50, fill = 7) => Buffer.concat([Buffer.from([0x41, 0x9a]), Buffer.alloc(size, fill)]);
export const deltaNext = (size = 50, fill = 7) => Buffer.concat([Buffer.from([0x41, 0x1a]), Buffer.alloc(size, fill)]);

/** Bytes of a unit in a packet at the most. */
const mtu = 1000;

/** A unit as it is, or in fragments (RFC 6184 section 5.8, RFC 7798 section 4.4.3). */
export function toPayloads(unit: Buffer, codec: Codec = 'H264'): Buffer[] {
  if (unit.length <= mtu) {
    return [unit];
  }
  const header = codec === 'H264' ? 1 : 2;
  const payloads: Buffer[] = [];
  for (let at = header; at < unit.length; at += mtu) {
    const flags = (at === header ? 0x80 : 0) | (at + mtu >= unit.length ? 0x40 : 0);
    const first = unit.readUInt8(0);
    const lead =
      codec === 'H264'
        ? [(first & 0xe0) | 28, flags | (first & 0x1f)]
        : [(first & 0x81) | (49 << 1), unit.readUInt8(1), flags | ((first >> 1) & 0x3f)];
    payloads.push(Buffer.concat([Buffer.from(lead), unit.subarray(at, at + mtu)]));
  }
  return payloads;
}

/** Several units in one packet: STAP-A (RFC 6184 section 5.7.1), AP (RFC 7798 section 4.4.2). */
export function aggregate(units: readonly Buffer[], codec: Codec = 'H264'): Buffer {
  const lead = codec === 'H264' ? [0x78] : [48 << 1, 1];
  const parts = units.map((unit) => {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(unit.length);
    return Buffer.concat([size, unit]);
  });
  return Buffer.concat([Buffer.from(lead), ...parts]);
}

/** Which packets of a picture have the marker: a camera's habit. */
export type Marking = 'last' | 'never' | 'slices' | 'all';

export class PacketMaker {
  readonly #codec: Codec;
  readonly #marking: Marking;
  sequence = 65_530;

  constructor(codec: Codec = 'H264', marking: Marking = 'last') {
    this.#codec = codec;
    this.#marking = marking;
  }

  packet(payload: Buffer, timestamp: number, marker = false): RtpPacket {
    const sequence = this.sequence;
    this.sequence = (this.sequence + 1) % 65_536;
    return { payloadType: 96, marker, sequence, timestamp: timestamp % 2 ** 32, ssrc: 1, payload };
  }

  picture(units: readonly Buffer[], timestamp: number): RtpPacket[] {
    return units.flatMap((unit, index) => {
      const payloads = toPayloads(unit, this.#codec);
      const type = unit.readUInt8(0) & 0x1f;
      const isMarked = {
        last: index === units.length - 1,
        never: false,
        slices: type >= 1 && type <= 5,
        all: true,
      }[this.#marking];
      return payloads.map((payload, part) => this.packet(payload, timestamp, isMarked && part === payloads.length - 1));
    });
  }
}
