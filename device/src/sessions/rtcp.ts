/** What a viewer says of our tracks in compound RTCP packets. Every track that a packet names gets the whole of it, hence the filter by SSRC. */

const receiverReport = 201;
const payloadSpecific = 206;
const pictureLossIndication = 1;
const fullIntraRequest = 4;
const applicationLayer = 15;
const remb = 0x52454d42;

export interface ReceiverReport {
  /** Share of this track's packets that were lost since the last report, 0 to 1; null where the packet does not say. */
  loss: number | null;
  /** What the whole link is taken for, in bits a second; null where the packet does not say. */
  estimate: number | null;
}

interface Block {
  type: number;
  /** Report count, or feedback format. */
  count: number;
  at: number;
  end: number;
}

/** PLI names its track in the media SSRC (RFC 4585 section 6.3.1), FIR in its entries (RFC 5104 section 4.3.1). */
export function asksForKeyframe(packet: Buffer, ssrc: number): boolean {
  return blocksOf(packet).some(({ type, count, at, end }) => {
    if (type !== payloadSpecific) {
      return false;
    }
    if (count === pictureLossIndication) {
      return packet.readUInt32BE(at + 8) === ssrc;
    }
    for (let entry = at + 12; count === fullIntraRequest && entry + 8 <= end; entry += 8) {
      if (packet.readUInt32BE(entry) === ssrc) {
        return true;
      }
    }
    return false;
  });
}

/** Receiver reports (RFC 3550 section 6.4.2) and REMB (draft-alvestrand-rmcat-remb section 2.2). */
export function readReport(packet: Buffer, ssrc: number): ReceiverReport {
  const report: ReceiverReport = { loss: null, estimate: null };
  for (const { type, count, at, end } of blocksOf(packet)) {
    if (type === receiverReport) {
      for (let entry = at + 8; entry + 24 <= end; entry += 24) {
        if (packet.readUInt32BE(entry) === ssrc) {
          report.loss = packet.readUInt8(entry + 4) / 256;
        }
      }
    } else if (type === payloadSpecific && count === applicationLayer && at + 20 <= end) {
      if (packet.readUInt32BE(at + 12) === remb) {
        // Six bits of exponent, eighteen of mantissa.
        const bits = packet.readUIntBE(at + 17, 3);
        report.estimate = (bits & 0x3ffff) * 2 ** (bits >> 18);
      }
    }
  }
  return report;
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
