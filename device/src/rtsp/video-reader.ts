import type { AccessUnit } from '../media/access-unit.ts';
import { Patience } from '../media/patience.ts';
import { RtpClock } from '../media/rtp-clock.ts';
import type { RtpPacket } from '../media/rtp-packet.ts';
import { type CodedPicture, VideoDepacketizer } from '../media/video-depacketizer.ts';
import type { ChosenVideo } from './tracks.ts';

export interface VideoReaderOptions {
  /** Without a packet, before the camera counts as silent, in milliseconds; later the pace of its pictures decides. */
  readonly silenceMs: number;
  /** Bytes of a picture at the most. */
  readonly maxPictureBytes?: number | undefined;
  /** Milliseconds. */
  readonly now: () => number;
  /** The camera's own time for an RTP timestamp, in milliseconds since 1970; undefined while it is not known. */
  wallClock(rtpTimestamp: number): number | undefined;
  /** Packets come, and no key frame yet: told with the first packet, and then every second. */
  waits(): void;
  /** A picture; the first one is a key frame. */
  unit(unit: AccessUnit): void;
}

/** Makes pictures of a camera's video packets, and knows how long this camera may be silent. */
export class VideoReader {
  readonly #options: VideoReaderOptions;
  readonly #depacketizer: VideoDepacketizer;
  readonly #clock: RtpClock;
  readonly #patience: Patience;
  /** When the last packet came, or since when one is expected. */
  #lastAt: number;
  /** RTP's, of the last packet; null before the first. */
  #lastTimestamp: number | null = null;
  #hasPicture = false;
  #toldWaitingAt = Number.NEGATIVE_INFINITY;
  #hold: NodeJS.Timeout | undefined;

  constructor({ track, format, hasDonl }: ChosenVideo, options: VideoReaderOptions) {
    this.#options = options;
    this.#depacketizer = new VideoDepacketizer({
      codec: track.codec,
      parameterSets: track.parameterSets,
      hasDonl,
      ...(options.maxPictureBytes !== undefined && { maxPictureBytes: options.maxPictureBytes }),
    });
    this.#clock = new RtpClock(format.clockRate, options.now);
    const quickMs = Math.min(options.silenceMs, 5000);
    this.#patience = new Patience(quickMs, 3 * quickMs);
    this.#lastAt = options.now();
  }

  /** Whether there was a packet. */
  get hasBegun(): boolean {
    return this.#lastTimestamp !== null;
  }

  /** How long there has been no packet, in milliseconds. */
  get silenceMs(): number {
    return this.#options.now() - this.#lastAt;
  }

  /** How long there may be none, in milliseconds. */
  get longestSilenceMs(): number {
    return this.hasBegun ? this.#patience.ms : this.#options.silenceMs;
  }

  /** The camera was asked to play: packets are expected from now on. */
  expect(): void {
    this.#lastAt = this.#options.now();
  }

  /** @throws {PictureTooLargeError} */
  push(packet: RtpPacket): void {
    this.#lastAt = this.#options.now();
    if (packet.timestamp !== this.#lastTimestamp) {
      this.#lastTimestamp = packet.timestamp;
      this.#patience.came(this.#lastAt);
    }
    this.#tellWaiting();
    clearTimeout(this.#hold);
    this.#hand(this.#depacketizer.push(packet));
    if (this.#depacketizer.isOnHold) {
      this.#hold = setTimeout(() => this.#hand(this.#depacketizer.flush()), longestHoldMs);
    }
  }

  close(): void {
    clearTimeout(this.#hold);
  }

  #hand(pictures: CodedPicture[]): void {
    for (const { keyframe, rtpTimestamp, data } of pictures) {
      const wallClock = this.#options.wallClock(rtpTimestamp);
      const timestamp = this.#clock.take(rtpTimestamp);
      this.#hasPicture = true;
      this.#options.unit({ keyframe, timestamp, data, ...(wallClock !== undefined && { wallClock }) });
    }
  }

  #tellWaiting(): void {
    if (!this.#hasPicture && this.#lastAt - this.#toldWaitingAt >= waitingMs) {
      this.#toldWaitingAt = this.#lastAt;
      this.#options.waits();
    }
  }
}

/** The packets of a picture follow each other much faster. */
const longestHoldMs = 20;
const waitingMs = 1000;
