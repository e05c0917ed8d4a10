/** RFC 4571 framing: how packets travel over a TCP connection of ICE (RFC 6544 section 3). Two bytes of length, then the packet. */

const lengthSize = 2;
/** A viewer sends STUN, DTLS and RTCP, and no packet of those is longer than an Ethernet frame. */
const longestPacket = 2048;

/** @throws {RangeError} for a packet that two bytes cannot measure */
export function writeFrame(packet: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(lengthSize + packet.length);
  frame.writeUInt16BE(packet.length, 0);
  packet.copy(frame, lengthSize);
  return frame;
}

/** Takes what a connection brings, in pieces of any size, and gives it back as packets. It never holds more than one packet. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * @param chunk what came; it must not change any more
   * @throws {RangeError} for a packet that is too long: the connection cannot be read any further
   */
  *read(chunk: Buffer): Generator<Buffer> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.alloc(0);
    let at = 0;
    while (bytes.length - at >= lengthSize) {
      const length = bytes.readUInt16BE(at);
      if (length > longestPacket) {
        throw new RangeError(`a packet of ${length} bytes; allowed: up to ${longestPacket}`);
      }
      const end = at + lengthSize + length;
      if (bytes.length < end) {
        break;
      }
      // A packet without bytes says nothing (RFC 4571 section 2).
      if (length > 0) {
        yield bytes.subarray(at + lengthSize, end);
      }
      at = end;
    }
    // A copy, so that the whole chunk is not kept for it.
    this.#rest = Buffer.from(bytes.subarray(at));
  }
}
