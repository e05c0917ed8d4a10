import type { AudioUnit } from '../media/audio-unit.ts';

/** Frames by which it is known how late they come: a frame of AAC becomes three or four, and a start is soon to be forgotten. */
const remembered = 10;
/** Milliseconds: what is later than that waits for no other. */
const longestWait = 150;

interface Waiting {
  readonly unit: AudioUnit;
  readonly pickedUp: number;
  readonly due: number;
}

/**
 * Lets the frames of a coder out evenly: several come at once, made of one frame of the camera's, and a browser would take that for
 * a network that delays some of them, and keep sound back for as long. The frames that come latest wait no longer than before.
 */
export class SoundPacer {
  readonly #out: (unit: AudioUnit, pickedUp: number) => void;
  readonly #now: () => number;
  /** How late (ms) the last frames came. */
  readonly #late: number[] = [];
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds, monotonic */
  constructor(out: (unit: AudioUnit, pickedUp: number) => void, now: () => number = () => performance.now()) {
    this.#out = out;
    this.#now = now;
  }

  /** @param pickedUp when the camera had picked up the last of it: milliseconds of `now` */
  push(unit: AudioUnit, pickedUp: number): void {
    const late = this.#now() - pickedUp;
    this.#late.push(late);
    this.#late.splice(0, this.#late.length - remembered);
    const wait = Math.min(Math.max(...this.#late) - late, longestWait);
    this.#waiting.push({ unit, pickedUp, due: this.#now() + wait });
    if (this.#timer === undefined) {
      this.#release();
    }
  }

  #release(): void {
    this.#timer = undefined;
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      const wait = first.due - this.#now();
      // Timers are late by up to a millisecond, and never early by one.
      if (wait > 1) {
        this.#timer = setTimeout(() => this.#release(), wait);
        return;
      }
      this.#waiting.shift();
      this.#out(first.unit, first.pickedUp);
    }
  }
}
