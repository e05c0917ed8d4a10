/** The few words that all users of FFmpeg in this folder share. */

import { AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants';
import { FFmpegError } from 'node-av/lib';
import { toAspect } from '../media/sequence-format.ts';

/** Throws on a negative return code. */
export function check(code: number, what: string): number {
  if (code < 0) {
    throw new Error(`${what}: ${FFmpegError.strerror(code)}`);
  }
  return code;
}

/** Whether there was an output; FFmpeg says EAGAIN where it wants more input first. */
export function received(code: number, what: string): boolean {
  if (code === AVERROR_EAGAIN || code === AVERROR_EOF) {
    return false;
  }
  check(code, what);
  return true;
}

export function present<T>(value: T | null, what: string): T {
  if (value === null) {
    throw new Error(`FFmpeg has no ${what}`);
  }
  return value;
}

/** A timestamp in a time base as microseconds. */
export function microseconds(timestamp: bigint, { num, den }: { num: number; den: number }): number {
  return Number((timestamp * 1_000_000n * BigInt(num)) / BigInt(den));
}

/** How wide a pixel is against its height; 1 where that is not said, or makes no sense. */
export function pixelAspect({
  sampleAspectRatio: { num, den },
}: {
  sampleAspectRatio: { num: number; den: number };
}): number {
  return toAspect(num / den);
}
