import { RtpClock } from './rtp-clock.ts';

/** A picture or a frame of sound: when it was taken, as far as the camera says it, and when it came. Milliseconds. */
interface Moment {
  /** On the camera's clock; undefined before its first sender report (RFC 3550 section 6.4.1). */
  readonly taken: number | undefined;
  readonly came: number;
}

/**
 * Brings sound onto the clock of the pictures. A camera counts the two separately, and only its sender reports say how they
 * belong together; until both tracks have one, and for cameras that send none, what comes together belongs together.
 */
export class AudioClock {
  readonly #clock: RtpClock;
  readonly #clockRate: number;
  #picture: (Moment & { timestamp: number }) | null = null;
  /** Microseconds to add to the sound's own time; null before the first picture. */
  #offset: number | null = null;
  #isReported = false;

  /** @param clockRate of the sound, in ticks a second @param now milliseconds */
  constructor(clockRate: number, now: () => number) {
    this.#clockRate = clockRate;
    this.#clock = new RtpClock(clockRate, now);
  }

  /** @param timestamp of the newest picture, in microseconds */
  sees(timestamp: number, moment: Moment): void {
    this.#picture = { ...moment, timestamp };
  }

  /** @param rtpTimestamp of a frame of sound */
  take(rtpTimestamp: number, moment: Moment): { timestamp: number; ticks: number } {
    const own = this.#clock.take(rtpTimestamp);
    this.#follow(own, moment);
    return { timestamp: own + (this.#offset ?? 0), ticks: Math.round((own * this.#clockRate) / 1_000_000) };
  }

  #follow(own: number, { taken, came }: Moment): void {
    const picture = this.#picture;
    if (picture === null) {
      return;
    }
    const isReported = taken !== undefined && picture.taken !== undefined;
    const apart = isReported ? taken - (picture.taken as number) : came - picture.came;
    const offset = Math.round(picture.timestamp + apart * 1000 - own);
    const isFar = Math.abs(offset - (this.#offset ?? Number.POSITIVE_INFINITY)) > (isReported ? reported : arrived);
    // A report is never given up for times of arrival, which jitter.
    if (isReported ? isFar || !this.#isReported : isFar && !this.#isReported) {
      this.#offset = offset;
    }
    this.#isReported ||= isReported;
  }
}

/** How far a time may be off before it is taken up anew, in microseconds: sender reports are exact, arrivals jitter. */
const reported = 10_000;
const arrived = 200_000;
