/** A viewer's connection carries one sound, in an m-line of its own and under an SSRC of its own. */

import { randomInt, randomUUID } from 'node:crypto';
import { durationOf } from '../media/audio-duration.ts';
import type { AudioCodec, AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import type { SoundTrack } from '../sessions/outlet.ts';
import type { Source } from './answer.ts';
import type { OfferedAudio } from './offer.ts';
import { writeSenderReport } from './rtcp.ts';
import { reportInterval, systemTime } from './rtp-sender.ts';

/** Bytes of payload: a packet has to fit into an Ethernet frame, with headers and SRTP. */
const largestPayload = 1200;

/** Milliseconds that browsers hold sound back on a quiet network: Chromium (156) has 40 in its jitter buffer and some 20 behind it. */
const usualBuffer = 60;
/**
 * A browser waits for the frames that come latest. Stretches of so many frames, a fifth of a second or more, are looked at until it
 * is known how late a run comes; the first may hold what waited for a coder.
 */
const framesOfStretch = 10;
const firstStretches = 3;
/** Stretches of each later look, and by how much (ms) pictures may be held too long or too short: each change can be seen. */
const laterStretches = 15;
const mostOff = 25;
/** Pictures are held back by this much (ms) at the most: beyond, a picture that is live is worth more than the same moment's sound. */
const longestHold = 500;

export interface AudioTrackOptions {
  /** The CNAME of the connection (RFC 7022), which its pictures share. */
  name: string;
  isOpen(): boolean;
  /** Whether the connection has more to carry than it does in time. */
  isCongested?: () => boolean;
  /** Sends one RTP or RTCP packet, which it does not keep. */
  send(packet: Buffer): void;
  /** Pictures of this slot are to be shown so much (ms) after they come: their sound is heard later than they would be seen. */
  hold?: (slot: number, delay: number) => void;
  /** Milliseconds since 1970, rising. */
  now?: () => number;
}

/** Sends the frames of one stream after the other as one run of rising timestamps, each in the payload type of its codec. */
export class AudioTrack implements SoundTrack {
  readonly source: Source;
  readonly #audio: OfferedAudio;
  readonly #owner: Required<AudioTrackOptions>;
  #slot = -1;
  /** How long (ms) the pictures of this run are held; null until that is known. */
  #held: number | null = null;
  #look = new Look();
  #sequence = randomInt(2 ** 15);
  /** RTP, of the last packet, and when it was sent. */
  #timestamp = randomInt(2 ** 31);
  #sentAt: number | null = null;
  /** Where the present run of frames begins; null before its first one. */
  #run: { ticks: number; timestamp: number } | null = null;
  #packets = 0;
  #octets = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(audio: OfferedAudio, options: AudioTrackOptions) {
    this.#audio = audio;
    this.#owner = { now: systemTime, isCongested: () => false, hold: () => {}, ...options };
    this.source = { ssrc: randomInt(1, 2 ** 32), name: `sound-${randomUUID().slice(0, 8)}`, cname: options.name };
  }

  takes(codec: AudioCodec): boolean {
    return this.#audio.formats.some((format) => format.codec === codec);
  }

  /** Frames of another run follow. */
  restart(slot: number): void {
    if (slot !== this.#slot) {
      this.#owner.hold(this.#slot, 0);
    }
    this.#slot = slot;
    this.#run = null;
    this.#held = null;
    this.#look = new Look();
  }

  send({ ticks, data }: AudioUnit, format: AudioFormat, pickedUp: number): void {
    const { codec, clockRate } = format;
    const payloadType = this.#audio.formats.find((offered) => offered.codec === codec)?.payloadType;
    if (payloadType === undefined || !this.#owner.isOpen() || this.#owner.isCongested()) {
      return;
    }
    const now = this.#owner.now();
    const late = now - performance.timeOrigin - pickedUp;
    this.#holdPictures(late);
    const isFirst = this.#run === null;
    this.#run ??= { ticks, timestamp: this.#next(now, clockRate) };
    const start = this.#run.timestamp + ticks - this.#run.ticks;
    const size = codec === 'OPUS' ? data.length : largestPayload;
    if (size > largestPayload) {
      return;
    }
    for (let at = 0; at < data.length; at += size) {
      // G.711 has a byte a tick, and so has G.722.
      this.#sendPacket(data.subarray(at, at + size), payloadType, start + at, isFirst && at === 0);
    }
    this.#sentAt = now;
    if (now - this.#reportedAt >= reportInterval) {
      this.#reportedAt = now;
      // The time of the report on the sound's clock (RFC 3550 section 6.4.1): the camera has picked up more by now than has come.
      const picked = start + durationOf(data, format) + Math.round((late * clockRate) / 1000);
      const sent = { timestamp: wrap(picked), packets: this.#packets, octets: this.#octets };
      this.#owner.send(writeSenderReport(this.source.ssrc, this.source.cname, now, sent));
    }
  }

  /** Holds pictures back as long as their sound is late. */
  #holdPictures(late: number): void {
    this.#look.take(late);
    if (this.#look.stretches === (this.#held === null ? firstStretches : laterStretches)) {
      const settled = Math.max(0, Math.round(this.#look.late));
      const delay = Math.min(settled + usualBuffer, longestHold);
      this.#look = new Look();
      if (this.#held === null || Math.abs(delay - this.#held) > mostOff) {
        this.#held = delay;
        this.#owner.hold(this.#slot, delay);
      }
    }
  }

  /** A run begins where the last one would be by now, in the ticks of its own clock. */
  #next(now: number, clockRate: number): number {
    const passed = this.#sentAt === null ? 0 : Math.max(1, Math.round(((now - this.#sentAt) * clockRate) / 1000));
    return this.#timestamp + passed;
  }

  #sendPacket(payload: Buffer, payloadType: number, timestamp: number, isFirst: boolean): void {
    const packet = Buffer.alloc(12 + payload.length);
    packet.writeUInt8(2 << 6, 0);
    // The marker bit begins a stretch of sound after silence (RFC 3551 section 4.1).
    packet.writeUInt8((isFirst ? 0x80 : 0) | payloadType, 1);
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(wrap(timestamp), 4);
    packet.writeUInt32BE(this.source.ssrc, 8);
    payload.copy(packet, 12);
    this.#sequence = (this.#sequence + 1) % 2 ** 16;
    this.#timestamp = timestamp;
    this.#packets++;
    this.#octets += payload.length;
    this.#owner.send(packet);
  }
}

/** How late (ms) frames come after they were picked up: the latest of a stretch, in the calmest of the stretches. */
class Look {
  stretches = 0;
  late = Number.POSITIVE_INFINITY;
  #frames = 0;
  #latest = Number.NEGATIVE_INFINITY;

  take(late: number): void {
    this.#latest = Math.max(this.#latest, late);
    this.#frames++;
    if (this.#frames === framesOfStretch) {
      this.late = Math.min(this.late, this.#latest);
      this.stretches++;
      this.#frames = 0;
      this.#latest = Number.NEGATIVE_INFINITY;
    }
  }
}

/** 32 bits on the wire (RFC 3550 section 5.1). */
function wrap(timestamp: number): number {
  return ((timestamp % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
