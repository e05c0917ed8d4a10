/** RTCP between a viewer and our tracks, in compound packets (RFC 3550 section 6). */

const senderReport = 200;
const receiverReport = 201;
const sourceDescription = 202;
const transportFeedback = 205;
const genericNack = 1;
const payloadSpecific = 206;
const pictureLossIndication = 1;
const fullIntraRequest = 4;
const applicationLayer = 15;
const remb = 0x52454d42;
const canonicalName = 1;

/** Packets that one NACK may name: no track keeps more. */
const mostMissing = 1024;

/** Something that a viewer says of one track, or of its link. */
export type Feedback = Report | Estimate | Missing | KeyframeRequest;

/** How one track arrives (RFC 3550 section 6.4.1). */
export interface Report {
  type: 'report';
  ssrc: number;
  /** Share of the track's packets that were lost since the last report, 0 to 1. */
  loss: number;
  /** To the viewer and back, in milliseconds; null before the viewer has one of our reports. */
  roundTrip: number | null;
}

/** The bitrate that the viewer expects of its whole link (REMB). */
export interface Estimate {
  type: 'estimate';
  /** Bits a second. */
  bitrate: number;
}

/** Packets that did not come (NACK). */
export interface Missing {
  type: 'missing';
  ssrc: number;
  sequences: number[];
}

/** The picture is broken, and does not mend without a key frame (PLI or FIR). */
export interface KeyframeRequest {
  type: 'keyframe';
  ssrc: number;
}

interface Block {
  type: number;
  /** Report count, or feedback format. */
  count: number;
  at: number;
  end: number;
}

/**
 * Reads receiver reports (RFC 3550 section 6.4.2), NACK (RFC 4585 section 6.2.1), PLI (section 6.3.1), FIR (RFC 5104
 * section 4.3.1), and REMB (draft-alvestrand-rmcat-remb section 2.2). The rest of a compound packet, and what is broken
 * in it, is passed over.
 * @param now milliseconds, of the clock of our sender reports
 */
export function* readFeedback(packet: Buffer, now: number): Generator<Feedback> {
  for (const block of blocksOf(packet)) {
    if (block.type === receiverReport) {
      yield* readReports(packet, block, now);
    } else if (block.type === transportFeedback && block.count === genericNack) {
      yield readNack(packet, block);
    } else if (block.type === payloadSpecific) {
      yield* readPayloadFeedback(packet, block);
    }
  }
}

function* readReports(packet: Buffer, { at, end }: Block, now: number): Generator<Report> {
  for (let entry = at + 8; entry + 24 <= end; entry += 24) {
    const sentAt = packet.readUInt32BE(entry + 16);
    const heldFor = packet.readUInt32BE(entry + 20);
    // Modulo 2^32; a clock that is read twice may be a little behind itself.
    const roundTrip = Math.max(0, (toShortNtp(now) - sentAt - heldFor) | 0) * (1000 / 2 ** 16);
    yield {
      type: 'report',
      ssrc: packet.readUInt32BE(entry),
      loss: packet.readUInt8(entry + 4) / 256,
      roundTrip: sentAt === 0 ? null : roundTrip,
    };
  }
}

function readNack(packet: Buffer, { at, end }: Block): Missing {
  const sequences: number[] = [];
  for (let entry = at + 12; entry + 4 <= end && sequences.length < mostMissing; entry += 4) {
    const first = packet.readUInt16BE(entry);
    const others = packet.readUInt16BE(entry + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit++) {
      if (others & (1 << bit)) {
        sequences.push((first + bit + 1) % 2 ** 16);
      }
    }
  }
  return { type: 'missing', ssrc: packet.readUInt32BE(at + 8), sequences };
}

function* readPayloadFeedback(packet: Buffer, { count, at, end }: Block): Generator<KeyframeRequest | Estimate> {
  if (count === pictureLossIndication) {
    yield { type: 'keyframe', ssrc: packet.readUInt32BE(at + 8) };
  } else if (count === fullIntraRequest) {
    for (let entry = at + 12; entry + 8 <= end; entry += 8) {
      yield { type: 'keyframe', ssrc: packet.readUInt32BE(entry) };
    }
  } else if (count === applicationLayer && at + 20 <= end && packet.readUInt32BE(at + 12) === remb) {
    // Six bits of exponent, eighteen of mantissa.
    const bits = packet.readUIntBE(at + 17, 3);
    yield { type: 'estimate', bitrate: (bits & 0x3ffff) * 2 ** (bits >> 18) };
  }
}

export interface SentSoFar {
  /** RTP, of the newest picture. */
  timestamp: number;
  packets: number;
  /** Bytes of payload. */
  octets: number;
}

/** A sender report and the name of its source (RFC 3550 sections 6.4.1 and 6.5). @param now milliseconds since 1970 */
export function writeSenderReport(ssrc: number, name: string, now: number, sent: SentSoFar): Buffer {
  const report = Buffer.alloc(28);
  writeHeader(report, 0, senderReport);
  report.writeUInt32BE(ssrc, 4);
  const seconds = now / 1000;
  report.writeUInt32BE((Math.floor(seconds) + ntpEpoch) % 2 ** 32, 8);
  report.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 12);
  report.writeUInt32BE(sent.timestamp, 16);
  report.writeUInt32BE(sent.packets % 2 ** 32, 20);
  report.writeUInt32BE(sent.octets % 2 ** 32, 24);
  // The list of items ends with at least one zero, and fills whole words.
  const description = Buffer.alloc(4 * Math.ceil((8 + 2 + name.length + 1) / 4));
  writeHeader(description, 1, sourceDescription);
  description.writeUInt32BE(ssrc, 4);
  description.writeUInt8(canonicalName, 8);
  description.writeUInt8(name.length, 9);
  description.write(name, 10, 'ascii');
  return Buffer.concat([report, description]);
}

/** Version 2, and the length in words less one. */
function writeHeader(packet: Buffer, count: number, type: number): void {
  packet.writeUInt8((2 << 6) | count, 0);
  packet.writeUInt8(type, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
}

/** Seconds from 1900, where NTP begins, to 1970. */
const ntpEpoch = 2_208_988_800;

/** The middle 32 bits of an NTP timestamp, of which receivers speak: seconds in 16.16. */
function toShortNtp(milliseconds: number): number {
  return Math.floor(((milliseconds / 1000 + ntpEpoch) % 2 ** 16) * 2 ** 16);
}

/** The packets of a compound, as far as they are whole and hold a sender's and a media SSRC. */
function blocksOf(packet: Buffer): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at + 8 <= packet.length; ) {
    const end = at + 4 * (packet.readUInt16BE(at + 2) + 1);
    if (end > packet.length) {
      break;
    }
    if (end - at >= 12) {
      blocks.push({ type: packet.readUInt8(at + 1), count: packet.readUInt8(at) & 0x1f, at, end });
    }
    at = end;
  }
  return blocks;
}
