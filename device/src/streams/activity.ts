/**
 * Tells a quiet stream from one in which something moves, by the sizes of its pictures alone: what moves has to be coded, so
 * the first picture of it is larger than the quiet ones before. Nothing is decoded. This thins a wall; it is no alarm. A
 * movement that costs a camera's encoder next to nothing is not seen.
 */

import type { AccessUnit } from '../media/access-unit.ts';

/** Seconds of pictures that a level is learnt from, and the fewest and the most pictures. */
const learningSeconds = 5;
const fewest = 20;
const most = 256;
/** Seconds without a picture out of the ordinary after which a stream is quiet again. */
const calmingSeconds = 3;
/** Seconds after which a stream that never becomes quiet is learnt anew: a lamp is on from now on, and the noise is another one. */
const relearningSeconds = 300;
/** A picture stands out if it is so many deviations above the median, and so many times as far as the farthest quiet one lately. */
const standsOut = 6;
const farther = 2;
/** The farthest quiet picture counts for less as time passes, each time that the level is learnt anew (about a second). */
const fading = 0.98;
/** Small and lasting changes: deviations above the median, less the usual ones, add up to this (Page's CUSUM test). */
const lasting = 12;
const usual = 2;
/** The least deviation: a share of the median, and bytes. An encoder's decisions vary as much. */
const leastShare = 1 / 32;
const leastBytes = 12;
/**
 * A person takes one or two hundredths of a picture, and the first picture of a walk about half of that share of a key frame's
 * bytes (measured with x264). If it takes more than this share to stand out, noise hides what moves, and the stream never counts as
 * quiet. With 1/64 walks in strong noise were noticed late or missed; with 1/128 none of 33 was.
 */
const mostOfKeyframe = 1 / 128;
/** Half of the pictures are within this share of the median and so many bytes: movement varies more than noise. */
const evenShare = 0.25;
const evenBytes = 48;
/** A level may rise by this share each time that it is learnt anew, so that slow light does not wake and a crowd does. */
const rise = 1.1;
/** Seconds between key frames at the most: that old may the picture of a quiet stream become. */
const longestGop = 12;

interface Level {
  readonly median: number;
  readonly deviation: number;
  /** How far above the median the farthest quiet picture was. */
  readonly reach: number;
}

export class Activity {
  /** Bytes of the last pictures that are no key frames, and when each was taken (seconds). */
  #sizes: number[] = [];
  #times: number[] = [];
  #level: Level | null = null;
  #sum = 0;
  /** How far above the median a picture was that woke a quiet stream, if none has stood out since: a clock's, or a flash. */
  #lone: number | null = null;
  /** When a picture was out of the ordinary last, and since when the stream has not been quiet: seconds. */
  #stoodOutAt = Number.NEGATIVE_INFINITY;
  #awakeSince: number | null = null;
  #pictures = 0;
  #keyframe: { readonly at: number; readonly bytes: number } | null = null;
  /** Seconds between the last two key frames. */
  #gop = Number.POSITIVE_INFINITY;
  #isQuiet = false;

  /** Whether nothing moves, as far as sizes tell. */
  get isQuiet(): boolean {
    return this.#isQuiet;
  }

  /** Milliseconds between two key frames, in whole seconds. */
  get keyframeMs(): number {
    return Math.ceil(this.#gop - 0.05) * 1000;
  }

  /** The next picture of one run of a source. */
  push({ keyframe, timestamp, data }: AccessUnit): void {
    const now = timestamp / 1_000_000;
    this.#awakeSince ??= now;
    if (keyframe) {
      this.#gop = this.#keyframe === null ? this.#gop : now - this.#keyframe.at;
      this.#keyframe = { at: now, bytes: data.length };
    } else {
      this.#remember(data.length, now);
      this.#judge(data.length, now);
    }
    this.#isQuiet = this.#level !== null && now - this.#stoodOutAt >= calmingSeconds && this.#hasKeyframes(now);
    this.#awakeSince = this.#isQuiet ? null : this.#awakeSince;
  }

  #remember(bytes: number, now: number): void {
    this.#sizes.push(bytes);
    this.#times.push(now);
    while (
      this.#sizes.length > most ||
      (this.#sizes.length > fewest && now - (this.#times[0] ?? now) > learningSeconds)
    ) {
      this.#sizes.shift();
      this.#times.shift();
    }
  }

  #judge(bytes: number, now: number): void {
    const level = this.#level;
    if (level !== null) {
      const distance = bytes - level.median;
      const limit = limitOf(level);
      this.#sum = Math.max(0, this.#sum + Math.min(distance / level.deviation, standsOut) - usual);
      if (distance > limit || this.#sum > lasting) {
        this.#lone = this.#isQuiet && distance > limit ? distance : null;
        this.#sum = 0;
        this.#stoodOutAt = now;
      } else if (this.#lone !== null && now - this.#stoodOutAt >= calmingSeconds) {
        const wider = { ...level, reach: Math.min(this.#lone, limit) };
        this.#level = this.#tells(wider) ? wider : level;
        this.#lone = null;
      }
    }
    this.#pictures += 1;
    const isLearning = level === null || (!this.#isQuiet && now - (this.#awakeSince ?? now) > relearningSeconds);
    if (this.#pictures % fewest === 0 && (isLearning || now - this.#stoodOutAt > learningSeconds)) {
      this.#learn(isLearning ? null : level, now);
    }
  }

  /** @param before the level, if the new one may not be far from it */
  #learn(before: Level | null, now: number): void {
    const isLong = now - (this.#times[0] ?? now) >= learningSeconds - 1 || this.#sizes.length === most;
    const level = isLong && this.#sizes.length >= fewest ? levelOf(this.#sizes) : null;
    if (level === null || !this.#tells(level)) {
      this.#level = before;
    } else if (before === null) {
      this.#level = level;
      this.#sum = 0;
      this.#stoodOutAt = Number.NEGATIVE_INFINITY;
    } else {
      this.#level = {
        median: Math.min(level.median, before.median * rise),
        deviation: Math.min(level.deviation, before.deviation * rise),
        reach: Math.max(level.reach, before.reach * fading),
      };
    }
  }

  /** Whether what moves would stand out. */
  #tells(level: Level): boolean {
    return limitOf(level) <= (this.#keyframe?.bytes ?? 0) * mostOfKeyframe;
  }

  /** A key frame comes often enough, and none is overdue. */
  #hasKeyframes(now: number): boolean {
    return this.#keyframe !== null && this.#gop <= longestGop && now - this.#keyframe.at <= this.#gop * 1.5;
  }
}

/** How far above the median a picture stands out, in bytes. */
function limitOf({ deviation, reach }: Level): number {
  return Math.max(standsOut * deviation, farther * reach);
}

/** Null if the pictures are no level at all: half of them are too different from each other. */
function levelOf(sizes: readonly number[]): Level | null {
  const sorted = sizes.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number;
  const median = at(0.5);
  const spread = at(0.75) - at(0.25);
  // Half of normally distributed values are within 1.35 deviations.
  const deviation = Math.max(spread / 1.35, median * leastShare, leastBytes);
  return spread <= median * evenShare + evenBytes ? { median, deviation, reach: at(1) - median } : null;
}
