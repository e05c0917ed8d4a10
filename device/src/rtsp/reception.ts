import { type RtpPacket, sequenceDistance } from '../media/rtp-packet.ts';

/**
 * The RTCP of one received track (RFC 3550 section 6): it writes receiver reports, without which some cameras
 * stop, and reads sender reports, which say what time it is in the camera.
 */
export class Reception {
  readonly #clockRate: number;
  readonly #ours: number;
  readonly #now: () => number;
  #ssrc: number | null = null;
  /** Extended by the wraps of 16 bits. */
  #first = 0;
  #highest = 0;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  /** In ticks (RFC 3550 section 6.4.1). */
  #jitter = 0;
  #transit: number | null = null;
  #report: SenderReport | null = null;
  #hasLeft = false;

  /** @param ours the SSRC of this receiver @param now milliseconds */
  constructor(clockRate: number, ours: number, now: () => number) {
    this.#clockRate = clockRate;
    this.#ours = ours;
    this.#now = now;
  }

  /** The camera said goodbye, and has sent nothing since. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  take({ ssrc, sequence, timestamp }: RtpPacket): void {
    this.#hasLeft = false;
    const ahead = sequenceDistance(this.#highest, sequence);
    if (ssrc !== this.#ssrc || Math.abs(ahead) > largestStep) {
      this.#begin(ssrc, sequence);
    } else {
      this.#highest = Math.max(this.#highest, this.#highest + ahead);
    }
    this.#received++;
    const transit = (this.#now() * this.#clockRate) / 1000 - timestamp;
    const step = Math.abs(transit - (this.#transit ?? transit));
    this.#transit = transit;
    // A clock that jumped is no jitter.
    this.#jitter += (Math.min(step, this.#clockRate) - this.#jitter) / 16;
  }

  /** Reads a compound packet from the camera; what is broken in it is ignored. */
  takeRtcp(data: Buffer): void {
    for (let at = 0; at + 8 <= data.length; ) {
      const type = data.readUInt8(at + 1);
      const end = at + 4 + 4 * data.readUInt16BE(at + 2);
      if (data.readUInt8(at) >> 6 !== 2 || end > data.length) {
        return;
      }
      if (type === senderReport && end - at >= 28) {
        this.#report = {
          ssrc: data.readUInt32BE(at + 4),
          seconds: data.readUInt32BE(at + 8),
          fraction: data.readUInt32BE(at + 12),
          timestamp: data.readUInt32BE(at + 16),
          receivedAt: this.#now(),
        };
      }
      this.#hasLeft ||= type === goodbye;
      at = end;
    }
  }

  /**
   * The camera's own time for an RTP timestamp, in milliseconds since 1970; undefined before its first sender report, and
   * where the camera's clock was never set.
   */
  wallClock(timestamp: number): number | undefined {
    const report = this.#report;
    if (report === null || report.seconds < earliestSeconds || report.ssrc !== this.#ssrc) {
      return undefined;
    }
    // Signed, in 32 bits: the picture may be older than the report, and the timestamp may have wrapped since.
    const ticks = (timestamp - report.timestamp) | 0;
    const reported = (report.seconds - secondsTo1970) * 1000 + (report.fraction * 1000) / 2 ** 32;
    return reported + (ticks * 1000) / this.#clockRate;
  }

  /** A receiver report and the name of the receiver; without a report block before the first packet. */
  toRtcp(): Buffer {
    const block = this.#ssrc === null ? Buffer.alloc(0) : this.#toBlock(this.#ssrc);
    const head = Buffer.alloc(8);
    head.writeUInt8(0x80 | (block.length > 0 ? 1 : 0), 0);
    head.writeUInt8(receiverReport, 1);
    head.writeUInt16BE((head.length + block.length) / 4 - 1, 2);
    head.writeUInt32BE(this.#ours, 4);
    return Buffer.concat([head, block, toDescription(this.#ours)]);
  }

  #begin(ssrc: number, sequence: number): void {
    this.#ssrc = ssrc;
    this.#first = sequence;
    this.#highest = sequence;
    this.#received = 0;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
    this.#transit = null;
  }

  #toBlock(ssrc: number): Buffer {
    const expected = this.#highest - this.#first + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    const fraction = expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((256 * lostNow) / expectedNow)) : 0;
    const lost = Math.min(0x7fffff, Math.max(0, expected - this.#received));
    const block = Buffer.alloc(24);
    block.writeUInt32BE(ssrc, 0);
    block.writeUInt32BE(((fraction << 24) | lost) >>> 0, 4);
    block.writeUInt32BE(this.#highest % 2 ** 32, 8);
    block.writeUInt32BE(Math.round(this.#jitter), 12);
    if (this.#report !== null) {
      const { seconds, fraction: part, receivedAt } = this.#report;
      block.writeUInt32BE((((seconds & 0xffff) << 16) | (part >>> 16)) >>> 0, 16);
      const delay = Math.round(((this.#now() - receivedAt) * 65_536) / 1000);
      block.writeUInt32BE(Math.min(delay, 2 ** 32 - 1), 20);
    }
    return block;
  }
}

interface SenderReport {
  ssrc: number;
  /** NTP seconds: since 1900. */
  seconds: number;
  fraction: number;
  timestamp: number;
  receivedAt: number;
}

/** SDES with a CNAME, which a compound packet needs (RFC 3550 section 6.5). The name says nothing about the device. */
function toDescription(ssrc: number): Buffer {
  const name = Buffer.from(`${ssrc.toString(16)}@receiver`, 'latin1');
  const length = Math.ceil((8 + 2 + name.length + 1) / 4) * 4;
  const packet = Buffer.alloc(length);
  packet.writeUInt8(0x81, 0);
  packet.writeUInt8(description, 1);
  packet.writeUInt16BE(length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt8(1, 8);
  packet.writeUInt8(name.length, 9);
  name.copy(packet, 10);
  return packet;
}

/** RFC 3550 section 12.1. */
const senderReport = 200;
const receiverReport = 201;
const description = 202;
const goodbye = 203;
/** A sequence number that is further away belongs to a sender that began anew. */
const largestStep = 3000;
const secondsTo1970 = 2_208_988_800;
/** 2010: cameras whose clock was never set count from 1970 or 2000, or from their start. */
const earliestSeconds = secondsTo1970 + 40 * 365.25 * 86_400;
