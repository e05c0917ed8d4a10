import { durationOf } from './audio-duration.ts';
import type { AudioFormat, AudioUnit } from './audio-unit.ts';

/** Frames come up to this much (ms) later or sooner than the ones before; beyond, the camera's count is another one. */
const longestJitter = 1000;
/** By how much of it a frame that comes late moves the clock: clocks drift, and networks become slower. */
const slowness = 1 / 256;

/**
 * Tells when a camera picked up what its frames hold. The frames that are held up least on their way say it; the others follow
 * them by their ticks.
 */
export class SoundClock {
  readonly #format: AudioFormat;
  readonly #now: () => number;
  /** When the camera's count was 0: milliseconds; null before the first frame. */
  #zero: number | null = null;

  /** @param now milliseconds, monotonic */
  constructor(format: AudioFormat, now: () => number = () => performance.now()) {
    this.#format = format;
    this.#now = now;
  }

  /** A frame has come. */
  take(unit: AudioUnit): void {
    const { codec, clockRate } = this.#format;
    const end = unit.ticks + durationOf(unit.data, this.#format);
    // A frame of AAC overlaps with the next one, and is whole only with that one (ISO/IEC 14496-3 section 4.6.11). Encoders look
    // ahead by up to another frame: FFmpeg's not at all, VisualOn's by 576 samples, Fraunhofer's by 1024.
    const overlap = codec === 'AAC' ? 1.5 * durationOf(unit.data, this.#format) : 0;
    const zero = this.#now() - ((end + overlap) * 1000) / clockRate;
    const later = zero - (this.#zero ?? zero);
    const isJump = this.#zero === null || Math.abs(later) > longestJitter;
    this.#zero = isJump || later < 0 ? zero : (this.#zero as number) + later * slowness;
  }

  /**
   * When the camera had picked up the last of a frame: milliseconds of `now`.
   * @param format the camera's, or that of a coder, which keeps the camera's time
   */
  endOf(unit: AudioUnit, format: AudioFormat): number {
    return (this.#zero ?? this.#now()) + ((unit.ticks + durationOf(unit.data, format)) * 1000) / format.clockRate;
  }
}
