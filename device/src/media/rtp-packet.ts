/** An RTP packet as it was received (RFC 3550 section 5.1). */
export interface RtpPacket {
  readonly payloadType: number;
  /** Set on the last packet of a picture, if the sender follows its payload format. */
  readonly marker: boolean;
  /** 0 to 65535. */
  readonly sequence: number;
  /** 0 to 2^32 - 1, in ticks of the payload's clock. */
  readonly timestamp: number;
  readonly ssrc: number;
  /** Without CSRCs, header extension and padding. May be empty. */
  readonly payload: Buffer;
}

/** Reads a packet; null if it is not RTP, or if its lengths do not add up. */
export function parseRtp(data: Buffer): RtpPacket | null {
  if (data.length < fixedHeader || data.readUInt8(0) >> 6 !== version) {
    return null;
  }
  const flags = data.readUInt8(0);
  let begin = fixedHeader + 4 * (flags & 0x0f);
  if ((flags & hasExtension) !== 0) {
    if (begin + 4 > data.length) {
      return null;
    }
    begin += 4 + 4 * data.readUInt16BE(begin + 2);
  }
  const padding = (flags & hasPadding) !== 0 ? data.readUInt8(data.length - 1) : 0;
  if (begin + padding > data.length) {
    return null;
  }
  return {
    payloadType: data.readUInt8(1) & 0x7f,
    marker: data.readUInt8(1) >= 0x80,
    sequence: data.readUInt16BE(2),
    timestamp: data.readUInt32BE(4),
    ssrc: data.readUInt32BE(8),
    payload: data.subarray(begin, data.length - padding),
  };
}

/** How many packets `sequence` is ahead of `before`, from -32768 to 32767, through the wrap of 16 bits. */
export function sequenceDistance(before: number, sequence: number): number {
  return ((sequence - before) << 16) >> 16;
}

const fixedHeader = 12;
const version = 2;
const hasPadding = 0x20;
const hasExtension = 0x10;
