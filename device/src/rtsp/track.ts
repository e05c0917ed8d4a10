import { parseRtp, type RtpPacket } from '../media/rtp-packet.ts';
import { Reception } from './reception.ts';
import { ReorderBuffer } from './reorder-buffer.ts';
import type { SdpFormat, SdpMedia } from './sdp.ts';

export interface TrackOptions {
  /** The track's own control URI. */
  readonly uri: string;
  readonly media: SdpMedia;
  /** A camera may name several formats of a media; this one is read. */
  readonly format: SdpFormat;
  /** Whether packets come in the order in which they were sent, as they do over TCP. */
  readonly isOrdered: boolean;
  /** Milliseconds. */
  readonly now: () => number;
  /** The packets of the format, in order where that can be had. */
  packet(packet: RtpPacket): void;
}

/** One track of a camera: takes its RTP and RTCP as they come, and writes the reports that the camera wants. */
export class Track {
  readonly uri: string;
  readonly reception: Reception;
  /** Sends RTCP to the camera; nothing before the track is set up. */
  sendRtcp: (data: Buffer) => void = () => {};
  readonly #reorder: ReorderBuffer | null;
  /** Payload types of the same media that are not read. */
  readonly #foreign: ReadonlySet<number>;
  readonly #packet: (packet: RtpPacket) => void;

  constructor({ uri, media, format, isOrdered, now, packet }: TrackOptions) {
    this.uri = uri;
    this.reception = new Reception(format.clockRate, Math.floor(Math.random() * 2 ** 32), now);
    this.#reorder = isOrdered ? null : new ReorderBuffer(now);
    const types = media.formats.map(({ payloadType }) => payloadType);
    this.#foreign = new Set(types.filter((type) => type !== format.payloadType));
    this.#packet = packet;
  }

  /** @throws what the reader of the packets throws */
  take(data: Buffer, isRtcp: boolean): void {
    // RTCP may come on the channel of RTP, too (RFC 5761 section 4).
    const type = data.length > 1 ? data.readUInt8(1) : 0;
    if (isRtcp || (type >= 200 && type <= 207)) {
      this.reception.takeRtcp(data);
      return;
    }
    const packet = parseRtp(data);
    if (packet === null || this.#foreign.has(packet.payloadType)) {
      return;
    }
    this.reception.take(packet);
    for (const next of this.#reorder?.push(packet) ?? [packet]) {
      this.#packet(next);
    }
  }

  /** Sends a report of what came; some cameras stop without it. */
  report(): void {
    this.sendRtcp(this.reception.toRtcp());
  }
}
