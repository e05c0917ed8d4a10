import type { Codec } from '../media/access-unit.ts';
import { splitAnnexB } from '../media/annex-b.ts';
import { nalType, readNalUnit } from '../media/nal-unit.ts';
import type { SentPicture } from './resend-buffer.ts';

/**
 * Access units to RTP packets: RFC 6184 for H.264, RFC 7798 for H.265. libdatachannel has packetizers too, each with one
 * payload type and sequence numbers of its own; a track that goes over from one codec to another needs both in one row.
 */
export class RtpPacketizer {
  /** Stands before every payload, with zeros in place of what a packet or a viewer has for itself. */
  readonly #header: Buffer;
  readonly #ssrc: number;
  readonly #shared: WeakMap<Buffer, readonly Buffer[]>;
  /** The packets that it knows, by their picture: those that it shares, or its own while it holds pictures. */
  #known: WeakMap<Buffer, readonly Buffer[]>;

  /** @param playoutDelayId of the header extension that says how long after it has come a picture is shown; null for none */
  constructor(ssrc: number, playoutDelayId: number | null) {
    const extension = playoutDelayId === null ? Buffer.alloc(0) : playAtOnce(playoutDelayId);
    this.#header = Buffer.concat([Buffer.alloc(fixedHeader), extension]);
    this.#header.writeUInt8((version << 6) | (extension.length > 0 ? hasExtension : 0), 0);
    this.#ssrc = ssrc;
    this.#shared = sharedPackets(playoutDelayId);
    this.#known = this.#shared;
  }

  /** @param delay milliseconds after which pictures are shown, once they have come; 0 at first */
  hold(delay: number): void {
    if (this.#header.length > fixedHeader) {
      const steps = Math.min(Math.round(delay / playoutStep), mostPlayoutSteps);
      // The least delay, and the longest.
      this.#header.writeUIntBE((steps << 12) | steps, playoutDelayAt, 3);
      // Packets with another delay are no other viewer's.
      this.#known = steps === 0 ? this.#shared : new WeakMap();
    }
  }

  /** The packets of a picture, which all viewers share, without what a track has for itself. */
  packetsOf(unit: Buffer, codec: Codec): readonly Buffer[] {
    const known = this.#known.get(unit);
    if (known !== undefined) {
      return known;
    }
    const packets = gather(
      splitAnnexB(unit).filter((nal) => !readNalUnit(nal, codec).isDisposable),
      codec,
    )
      .flatMap((nals) => (nals.length === 1 ? [...fragment(nals[0] as Buffer, codec)] : [aggregate(nals, codec)]))
      .map(({ head, body }) => Buffer.concat([this.#header, Buffer.from(head), body]));
    this.#known.set(unit, packets);
    return packets;
  }

  /** Writes what this track has for itself into the header of a packet, which is the caller's until the next call. */
  address({ packets, timestamp, payloadType }: SentPicture, index: number, sequence: number): Buffer {
    const packet = packets[index] as Buffer;
    const ssrc = this.#ssrc;
    // Byte by byte, since Node's functions for whole numbers are calls that check their arguments, for each packet of each viewer.
    packet[1] = payloadType | (index === packets.length - 1 ? marker : 0);
    packet[2] = sequence >> 8;
    packet[3] = sequence;
    packet[4] = timestamp >>> 24;
    packet[5] = timestamp >>> 16;
    packet[6] = timestamp >>> 8;
    packet[7] = timestamp;
    packet[8] = ssrc >>> 24;
    packet[9] = ssrc >>> 16;
    packet[10] = ssrc >>> 8;
    packet[11] = ssrc;
    return packet;
  }
}

/**
 * A picture's packets are made once for all viewers who show it when it comes; a track writes the rest of the header when it
 * sends them. By the id of the header extension, of which there are fifteen (RFC 8285 section 4.2).
 */
const shared = new Map<number | null, WeakMap<Buffer, readonly Buffer[]>>();

function sharedPackets(playoutDelayId: number | null): WeakMap<Buffer, readonly Buffer[]> {
  const known = shared.get(playoutDelayId) ?? new WeakMap<Buffer, readonly Buffer[]>();
  shared.set(playoutDelayId, known);
  return known;
}

/** RFC 3550 section 5.1. */
const fixedHeader = 12;
const version = 2;
const hasExtension = 0x10;
const marker = 0x80;
/** Bytes of a payload at the most: with its headers, SRTP's tag and TURN's around it, it passes every usual network. */
const largestPayload = 1160;

/** The NAL unit types of fragments (RFC 6184 section 5.8, RFC 7798 section 4.4.3). */
const fragmentType: Record<Codec, number> = { H264: 28, H265: 49 };
/** The NAL unit types of aggregates (RFC 6184 section 5.7.1, RFC 7798 section 4.4.2). */
const aggregateType: Record<Codec, number> = { H264: 24, H265: 48 };
/** Bytes of a NAL unit's own header. */
const headerSize: Record<Codec, number> = { H264: 1, H265: 2 };
/** Bytes before each NAL unit in an aggregate: its size. */
const sizeField = 2;
const firstFragment = 0x80;
const lastFragment = 0x40;

interface Payload {
  head: readonly number[];
  body: Buffer;
}

/** The NAL units of a picture as each packet has them: neighbours go together if they fit. */
function gather(nals: readonly Buffer[], codec: Codec): Buffer[][] {
  const groups: Buffer[][] = [];
  let size = 0;
  for (const nal of nals) {
    const last = groups.at(-1);
    if (last !== undefined && size + sizeField + nal.length <= largestPayload) {
      last.push(nal);
    } else {
      groups.push([nal]);
      size = headerSize[codec];
    }
    size += sizeField + nal.length;
  }
  return groups;
}

/** Small NAL units in one packet, such as a key frame's parameter sets: each packet costs both ends far more than its bytes. */
function aggregate(nals: readonly Buffer[], codec: Codec): Payload {
  const head = codec === 'H264' ? aggregateHeaderH264(nals) : aggregateHeaderH265(nals);
  const body = nals.flatMap((nal) => {
    const size = Buffer.alloc(sizeField);
    size.writeUInt16BE(nal.length);
    return [size, nal];
  });
  return { head, body: Buffer.concat(body) };
}

/** The forbidden bit of any, and the highest nal_ref_idc. */
function aggregateHeaderH264(nals: readonly Buffer[]): number[] {
  const first = nals.map((nal) => nal[0] ?? 0);
  const forbidden = first.reduce((bits, byte) => bits | (byte & 0x80), 0);
  const importance = Math.max(...first.map((byte) => byte & 0x60));
  return [forbidden | importance | aggregateType.H264];
}

/** The forbidden bit of any, and the lowest layer and temporal id. */
function aggregateHeaderH265(nals: readonly Buffer[]): number[] {
  const forbidden = nals.reduce((bits, nal) => bits | ((nal[0] ?? 0) & 0x80), 0);
  const layer = Math.min(...nals.map((nal) => (((nal[0] ?? 0) & 1) << 5) | ((nal[1] ?? 0) >> 3)));
  const temporal = Math.min(...nals.map((nal) => (nal[1] ?? 0) & 7));
  return [forbidden | (aggregateType.H265 << 1) | (layer >> 5), ((layer & 0x1f) << 3) | temporal];
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

/** Milliseconds that a step of the playout delay stands for. Each of its two numbers has 12 bits. */
const playoutStep = 10;
const mostPlayoutSteps = 0xfff;
/** Where the numbers are: behind the header of the extensions, and that of this one. */
const playoutDelayAt = 12 + 4 + 1;

/** WebRTC's "playout-delay" with 0 to 0, as a one-byte extension (RFC 8285 section 4.2). */
function playAtOnce(id: number): Buffer {
  return Buffer.from([0xbe, 0xde, 0, 1, (id << 4) | 2, 0, 0, 0]);
}
