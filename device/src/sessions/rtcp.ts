/** Whether a compound RTCP packet asks for a key frame of one of our tracks. */

const payloadSpecific = 206;
const pictureLossIndication = 1;
const fullIntraRequest = 4;

/**
 * PLI names its track in the media SSRC (RFC 4585 section 6.3.1), FIR in its entries (RFC 5104 section 4.3.1).
 * Every track that a compound packet names gets the whole of it, hence the filter by SSRC.
 */
export function asksForKeyframe(packet: Buffer, ssrc: number): boolean {
  for (let at = 0; at + 12 <= packet.length; ) {
    const format = packet.readUInt8(at) & 0x1f;
    const end = at + 4 * (packet.readUInt16BE(at + 2) + 1);
    if (packet.readUInt8(at + 1) === payloadSpecific && end <= packet.length) {
      if (format === pictureLossIndication && packet.readUInt32BE(at + 8) === ssrc) {
        return true;
      }
      for (let entry = at + 12; format === fullIntraRequest && entry + 8 <= end; entry += 8) {
        if (packet.readUInt32BE(entry) === ssrc) {
          return true;
        }
      }
    }
    at = end;
  }
  return false;
}
