import type { Codec } from '../media/access-unit.ts';
import { splitAnnexB } from '../media/annex-b.ts';
import { nalType } from '../media/nal-unit.ts';

/** A coded picture on its way to one browser. */
export interface Picture {
  /** Annex B. Not changed any more: all viewers share it, and it may be sent again. */
  readonly data: Buffer;
  /** RTP, 90 kHz. */
  readonly timestamp: number;
  readonly codec: Codec;
  readonly payloadType: number;
}

/** @param packet the caller's until it returns */
export type TakePacket = (packet: Buffer) => void;

/**
 * Access units to RTP packets: RFC 6184 for H.264, RFC 7798 for H.265. libdatachannel has packetizers too, each with one
 * payload type and sequence numbers of its own; a track that goes over from one codec to another needs both in one row.
 */
export class RtpPacketizer {
  /** What stands before every payload; most of it is the same in all packets. */
  readonly #header: Buffer;
  readonly #known: WeakMap<Buffer, readonly Buffer[]>;

  /** @param playoutDelayId of the header extension that says: show each picture when it is there; null for none */
  constructor(ssrc: number, playoutDelayId: number | null) {
    const extension = playoutDelayId === null ? Buffer.alloc(0) : playAtOnce(playoutDelayId);
    this.#header = Buffer.concat([Buffer.alloc(fixedHeader), extension]);
    this.#header.writeUInt8((version << 6) | (extension.length > 0 ? hasExtension : 0), 0);
    this.#header.writeUInt32BE(ssrc, 8);
    this.#known = extension.length > 0 ? extended : plain;
  }

  /** @param first the first packet's number @returns how many packets it took */
  packetize(picture: Picture, first: number, take: TakePacket): number {
    const packets = this.#packetsOf(picture.data, picture.codec);
    for (const index of packets.keys()) {
      take(this.#address(packets, index, picture, (first + index) % 2 ** 16));
    }
    return packets.length;
  }

  /** One packet of a picture, by its place in it: the caller's until the next call. */
  packet(picture: Picture, index: number, sequence: number): Buffer {
    return this.#address(this.#packetsOf(picture.data, picture.codec), index, picture, sequence);
  }

  /** Puts this track's header before a payload. */
  #address(packets: readonly Buffer[], index: number, { timestamp, payloadType }: Picture, sequence: number): Buffer {
    const packet = packets[index] as Buffer;
    packet.set(this.#header);
    packet[1] = payloadType | (index === packets.length - 1 ? marker : 0);
    packet.writeUInt16BE(sequence, 2);
    packet.writeUInt32BE(timestamp, 4);
    return packet;
  }

  #packetsOf(unit: Buffer, codec: Codec): readonly Buffer[] {
    const packets =
      this.#known.get(unit) ??
      splitAnnexB(unit)
        .flatMap((nal) => [...fragment(nal, codec)])
        .map(({ head, body }) => Buffer.concat([this.#header, Buffer.from(head), body]));
    this.#known.set(unit, packets);
    return packets;
  }
}

/**
 * A picture's packets are made once for all its viewers; each puts a header of its own before the payload when it sends
 * them. By whether the header has an extension.
 */
const [plain, extended] = [new WeakMap<Buffer, readonly Buffer[]>(), new WeakMap<Buffer, readonly Buffer[]>()];

/** RFC 3550 section 5.1. */
const fixedHeader = 12;
const version = 2;
const hasExtension = 0x10;
const marker = 0x80;
/** Bytes of a payload at the most: with its headers, SRTP's tag and TURN's around it, it passes every usual network. */
const largestPayload = 1160;

/** The NAL unit types of fragments (RFC 6184 section 5.8, RFC 7798 section 4.4.3). */
const fragmentType: Record<Codec, number> = { H264: 28, H265: 49 };
const firstFragment = 0x80;
const lastFragment = 0x40;

interface Payload {
  head: readonly number[];
  body: Buffer;
}

/** A NAL unit that is too large goes out in parts, each of which says whose part it is. */
function* fragment(nal: Buffer, codec: Codec): Generator<Payload> {
  if (nal.length <= largestPayload) {
    yield { head: [], body: nal };
    return;
  }
  const [first = 0, second = 0] = nal;
  const header =
    codec === 'H264' ? [(first & 0xe0) | fragmentType.H264] : [(first & 0x81) | (fragmentType.H265 << 1), second];
  const type = nalType(first, codec);
  const size = largestPayload - header.length - 1;
  for (let at = header.length; at < nal.length; at += size) {
    const place = (at === header.length ? firstFragment : 0) | (at + size >= nal.length ? lastFragment : 0);
    yield { head: [...header, place | type], body: nal.subarray(at, at + size) };
  }
}

/** WebRTC's "playout-delay" with 0 to 0, as a one-byte extension (RFC 8285 section 4.2). */
function playAtOnce(id: number): Buffer {
  return Buffer.from([0xbe, 0xde, 0, 1, (id << 4) | 2, 0, 0, 0]);
}
