import type { AccessUnit, StreamFormat } from '../media/access-unit.ts';
import type { Track } from './outlet.ts';
import { RtpTimeline } from './rtp-timeline.ts';

/** RTP timestamps of the first and of the newest picture of a GOP that was sent at once. */
export interface Replay {
  first: number;
  newest: number;
}

/** The camera's own time (milliseconds since 1970) of one picture on the track; later ones follow it as their RTP timestamps do. */
export interface CameraClock {
  rtp: number;
  ms: number;
}

/** A clock that is so far off (ms) is told anew: cameras set theirs, and a stream's time may be taken up anew on the track. */
const clockError = 20;

/** Writes the streams that follow each other in a slot to its track, as one run of rising RTP timestamps. */
export class SlotWriter {
  readonly #timeline = new RtpTimeline();
  #track: Track | null = null;
  #sentBytes = 0;
  #replayed: Replay | null = null;
  #clock: CameraClock | null = null;

  /** The m-line of the track; null before there is a track. */
  get mid(): string | null {
    return this.#track?.mid ?? null;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** The last GOP that was sent at once: from its newest picture on, the track is live. Null before there was one. */
  get replayed(): Replay | null {
    return this.#replayed;
  }

  /** Null while the camera has not told its time. */
  get clock(): CameraClock | null {
    return this.#clock;
  }

  /** Null: there is none any more. */
  attach(track: Track | null): void {
    this.#track = track;
  }

  /** Whether the browser can show it; as long as there is no track, it is not known otherwise. */
  takes(format: StreamFormat): boolean {
    return this.#track?.takes(format) ?? true;
  }

  /**
   * Sends a GOP at once. False if there is none, or no open track, or if wishes have cost too much; a key frame alone is
   * always sent.
   */
  replay(gop: readonly AccessUnit[], format: StreamFormat): boolean {
    if (!this.#track?.isOpen || gop.length === 0) {
      return false;
    }
    if (gop.length > 1 && !this.#track.affords(sizeOf(gop), 'wish')) {
      return false;
    }
    this.#begin(this.#track, gop, format, false);
    return true;
  }

  /** Sends a GOP again because the viewer lost it. False also if that would be too much for its feedback. */
  repair(gop: readonly AccessUnit[], format: StreamFormat): boolean {
    if (!this.#track?.isOpen || gop.length === 0 || !this.#track.affords(sizeOf(gop), 'repair')) {
      return false;
    }
    this.#begin(this.#track, gop, format, true);
    return true;
  }

  /**
   * Sends the next unit of the stream that was replayed last.
   * @param isLast the next one is a key frame, whenever that comes
   */
  live(unit: AccessUnit, isLast: boolean): void {
    const timestamp = this.#timeline.live(unit);
    this.#track?.live({ data: unit.data, keyframe: unit.keyframe, timestamp, isLast });
    this.#sentBytes += unit.data.length;
    this.#keepClock(unit, timestamp);
  }

  /** Sends nothing until the next replay. */
  rest(): void {
    this.#track?.rest();
  }

  #begin(track: Track, gop: readonly AccessUnit[], format: StreamFormat, isRepair: boolean): void {
    const stamps = this.#timeline.replay(gop);
    const pictures = gop.map(({ data, keyframe }, index) => ({ data, keyframe, timestamp: stamps[index] as number }));
    track.replay(pictures, format, isRepair);
    this.#sentBytes += sizeOf(gop);
    this.#replayed = { first: stamps[0] as number, newest: stamps.at(-1) as number };
    this.#clock = null;
    this.#keepClock(gop.at(-1) as AccessUnit, this.#replayed.newest);
  }

  #keepClock({ wallClock }: AccessUnit, rtp: number): void {
    if (wallClock !== undefined) {
      const { ms, rtp: from } = this.#clock ?? { ms: Number.NEGATIVE_INFINITY, rtp };
      if (Math.abs(ms + ((rtp - from) | 0) / 90 - wallClock) > clockError) {
        this.#clock = { rtp, ms: Math.round(wallClock) };
      }
    }
  }
}

function sizeOf(gop: readonly AccessUnit[]): number {
  return gop.reduce((sum, { data }) => sum + data.length, 0);
}
