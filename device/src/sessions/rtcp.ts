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

/** What a viewer says of one track, and of its link. */
export interface Feedback {
  /** Share of this track's packets that were lost since the last report, 0 to 1; null where the packet does not say. */
  loss: number | null;
  /** To the viewer and back, in milliseconds; null where the packet does not say. */
  roundTrip: number | null;
  /** What the whole link is taken for, in bits a second; null where the packet does not say. */
  estimate: number | null;
  /** The picture is broken, and does not mend without a key frame. */
  wantsKeyframe: boolean;
  /** Sequence numbers of packets that did not come. */
  missing: number[];
}

interface Block {
  type: number;
  /** Report count, or feedback format. */
  count: number;
  at: number;
  end: number;
}

/**
 * Receiver reports (RFC 3550 section 6.4.2), NACK (RFC 4585 section 6.2.1), PLI (section 6.3.1), FIR (RFC 5104 section
 * 4.3.1), and REMB (draft-alvestrand-rmcat-remb section 2.2). Every track that a packet names gets the whole of it.
 * @param ssrc of the track
 * @param now milliseconds, of the clock of our sender reports
 */
export function readFeedback(packet: Buffer, ssrc: number, now: number): Feedback {
  const feedback: Feedback = { loss: null, roundTrip: null, estimate: null, wantsKeyframe: false, missing: [] };
  for (const block of blocksOf(packet)) {
    if (block.type === receiverReport) {
      readReport(packet, block, ssrc, now, feedback);
    } else if (block.type === transportFeedback && block.count === genericNack) {
      readNack(packet, block, ssrc, feedback);
    } else if (block.type === payloadSpecific) {
      readPayloadFeedback(packet, block, ssrc, feedback);
    }
  }
  return feedback;
}

function readReport(packet: Buffer, { at, end }: Block, ssrc: number, now: number, feedback: Feedback): void {
  for (let entry = at + 8; entry + 24 <= end; entry += 24) {
    if (packet.readUInt32BE(entry) === ssrc) {
      feedback.loss = packet.readUInt8(entry + 4) / 256;
      const sentAt = packet.readUInt32BE(entry + 16);
      const heldFor = packet.readUInt32BE(entry + 20);
      if (sentAt !== 0) {
        // Modulo 2^32; a clock that is read twice may be a little behind itself.
        feedback.roundTrip = Math.max(0, (toShortNtp(now) - sentAt - heldFor) | 0) * (1000 / 2 ** 16);
      }
    }
  }
}

function readNack(packet: Buffer, { at, end }: Block, ssrc: number, feedback: Feedback): void {
  if (packet.readUInt32BE(at + 8) !== ssrc) {
    return;
  }
  for (let entry = at + 12; entry + 4 <= end; entry += 4) {
    const first = packet.readUInt16BE(entry);
    const others = packet.readUInt16BE(entry + 2);
    feedback.missing.push(first);
    for (let bit = 0; bit < 16; bit++) {
      if (others & (1 << bit)) {
        feedback.missing.push((first + bit + 1) % 2 ** 16);
      }
    }
  }
}

function readPayloadFeedback(packet: Buffer, { count, at, end }: Block, ssrc: number, feedback: Feedback): void {
  if (count === pictureLossIndication) {
    feedback.wantsKeyframe ||= packet.readUInt32BE(at + 8) === ssrc;
  } else if (count === fullIntraRequest) {
    for (let entry = at + 12; entry + 8 <= end; entry += 8) {
      feedback.wantsKeyframe ||= packet.readUInt32BE(entry) === ssrc;
    }
  } else if (count === applicationLayer && at + 20 <= end && packet.readUInt32BE(at + 12) === remb) {
    // Six bits of exponent, eighteen of mantissa.
    const bits = packet.readUIntBE(at + 17, 3);
    feedback.estimate = (bits & 0x3ffff) * 2 ** (bits >> 18);
  }
}

export interface SentSoFar {
  /** RTP, of the newest picture. */
  timestamp: number;
  packets: number;
  /** Of payload. */
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
