/** Remedies for a picture that stands still, the gentlest first. */
export type Remedy = 'refresh' | 'repeat' | 'reconnect';

/** Seconds without a frame after which each remedy is tried. */
const remedies = new Map<number, Remedy>([
  [3, 'refresh'],
  [6, 'repeat'],
  [9, 'reconnect'],
]);
/** A camera of one frame in ten seconds is no fault of the connection: the next round comes later. */
const round = 60;

/** Notices a picture that stands still though the device calls it live. Call `check` once a second. */
export class Watchdog {
  #frames = -1;
  #still = 0;

  /**
   * @param frames presented so far; null where none are expected
   * @param slack seconds that a slow camera is given beyond the usual
   */
  check(frames: number | null, slack = 0): Remedy | undefined {
    if (frames === null || frames !== this.#frames) {
      this.#frames = frames ?? -1;
      this.#still = 0;
      return undefined;
    }
    this.#still = (this.#still % (round + slack)) + 1;
    return remedies.get(this.#still - slack);
  }
}
