import { durationOf } from './audio-duration.ts';
import { type AudioFormat, largestSound } from './audio-unit.ts';
import { type RtpPacket, sequenceDistance } from './rtp-packet.ts';

/** A coded piece of sound. */
export interface AudioFrame {
  /** 0 to 2^32 - 1. */
  readonly rtpTimestamp: number;
  readonly data: Buffer;
}

export interface AudioDepacketizer {
  /** @param packet in the order of its sequence number; one that comes late is ignored */
  push(packet: RtpPacket): AudioFrame[];
}

/** How AAC frames are laid out in a packet (RFC 3640 section 4.1): bits of each field. */
export interface AacLayout {
  readonly sizeLength: number;
  readonly indexLength: number;
  readonly indexDeltaLength: number;
}

export function createAudioDepacketizer(format: AudioFormat, layout: AacLayout): AudioDepacketizer {
  return format.codec === 'AAC'
    ? new AacDepacketizer(layout, durationOf(Buffer.alloc(0), format))
    : new PlainDepacketizer();
}

/** A packet is a frame: G.711 and G.722 (RFC 3551 section 4.5), Opus (RFC 7587 section 4.2). */
class PlainDepacketizer implements AudioDepacketizer {
  readonly #order = new Order();

  push(packet: RtpPacket): AudioFrame[] {
    const { length } = packet.payload;
    const isFrame = this.#order.take(packet) !== 'late' && length > 0 && length <= largestSound;
    return isFrame ? [{ rtpTimestamp: packet.timestamp, data: Buffer.from(packet.payload) }] : [];
  }
}

/** AAC as MPEG4-GENERIC (RFC 3640): several frames in a packet, or a frame in several packets. */
class AacDepacketizer implements AudioDepacketizer {
  readonly #order = new Order();
  readonly #layout: AacLayout;
  /** Ticks of a frame. */
  readonly #duration: number;
  /** The parts of a frame that is larger than a packet. */
  #parts: Buffer[] = [];
  #missing = 0;

  constructor(layout: AacLayout, duration: number) {
    this.#layout = layout;
    this.#duration = duration;
  }

  push(packet: RtpPacket): AudioFrame[] {
    const order = this.#order.take(packet);
    if (order === 'late') {
      return [];
    }
    if (order === 'gap') {
      this.#parts = [];
      this.#missing = 0;
    }
    const { payload, timestamp } = packet;
    const sizes = this.#sizesOf(payload);
    if (sizes === null) {
      return [];
    }
    let at = 2 + Math.ceil(payload.readUInt16BE(0) / 8);
    const [only] = sizes;
    if (sizes.length === 1 && only !== undefined && only > payload.length - at) {
      return this.#takePart(payload.subarray(at), only, timestamp);
    }
    this.#parts = [];
    this.#missing = 0;
    const frames: AudioFrame[] = [];
    for (const [index, size] of sizes.entries()) {
      if (size === 0 || at + size > payload.length) {
        break;
      }
      const rtpTimestamp = (timestamp + index * this.#duration) % 2 ** 32;
      frames.push({ rtpTimestamp, data: Buffer.from(payload.subarray(at, at + size)) });
      at += size;
    }
    return frames;
  }

  #takePart(part: Buffer, size: number, timestamp: number): AudioFrame[] {
    this.#missing = this.#parts.length === 0 ? size : this.#missing;
    this.#parts.push(Buffer.from(part));
    this.#missing -= part.length;
    if (this.#missing > 0 && this.#parts.length < mostParts) {
      return [];
    }
    const data = Buffer.concat(this.#parts.splice(0));
    return this.#missing === 0 ? [{ rtpTimestamp: timestamp, data }] : [];
  }

  /** The AU headers: the size of each frame, in bytes; null if they are broken, or name a size that no frame has. */
  #sizesOf(payload: Buffer): number[] | null {
    const { sizeLength, indexLength, indexDeltaLength } = this.#layout;
    const bits = payload.length < 2 ? 0 : payload.readUInt16BE(0);
    if (bits === 0 || sizeLength === 0 || 2 + Math.ceil(bits / 8) > payload.length) {
      return null;
    }
    const sizes: number[] = [];
    for (let at = 0; at + sizeLength <= bits && sizes.length < mostFrames; ) {
      sizes.push(readBits(payload, 16 + at, sizeLength));
      at += sizeLength + (sizes.length === 1 ? indexLength : indexDeltaLength);
    }
    return sizes.some((size) => size > largestSound) ? null : sizes;
  }
}

class Order {
  #newest: number | null = null;

  take({ sequence }: RtpPacket): 'next' | 'gap' | 'late' {
    const ahead = this.#newest === null ? 1 : sequenceDistance(this.#newest, sequence);
    if (ahead <= 0 && ahead > -longestDelay) {
      return 'late';
    }
    this.#newest = sequence;
    return ahead === 1 ? 'next' : 'gap';
  }
}

function readBits(data: Buffer, from: number, count: number): number {
  let value = 0;
  for (let bit = from; bit < from + count; bit++) {
    value = value * 2 + (((data[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
  }
  return value;
}

const mostFrames = 64;
const mostParts = 64;
const longestDelay = 1000;
