import { CoderHost, type CoderProcess, type Sharing, type StartCoder } from './coder-process.ts';

/**
 * How long (ms) no coder was wanted before the next spare one is started: cameras that start at once need the machine. A sound
 * takes little of it, and viewers tap from tile to tile.
 */
const quietMs = { alone: 1000, shared: 1000, sound: 200 };
/** How long (ms) after one sound another one is expected. */
const usualSoundMs = 60_000;

/**
 * The coders of a device. One process more than is needed is kept ready with its FFmpeg loaded, which takes most of the time
 * until a variant's or a synthetic camera's first picture, or until a sound is heard. Jobs that are shared run in one process, up to
 * its limits.
 */
export class CoderPool {
  #spare: CoderHost | null = null;
  #shared: CoderHost | null = null;
  #isNeeded = false;
  #quiet: NodeJS.Timeout | undefined;
  readonly #soundMs: number;
  /** Runs while another sound is expected. */
  #sound: NodeJS.Timeout | undefined;

  /** @param soundMs milliseconds after a sound in which another one is expected */
  constructor(soundMs = usualSoundMs) {
    this.#soundMs = soundMs;
  }

  /** @param isNeeded whether a spare process is worth its memory */
  prepare(isNeeded: boolean): void {
    this.#isNeeded = isNeeded;
    if (isNeeded) {
      this.#refill('alone');
    } else if (this.#sound === undefined) {
      void this.#endSpare();
    }
  }

  readonly start: StartCoder = (events, sharing = 'alone'): CoderProcess => {
    if (sharing === 'shared' && this.#shared?.hasRoom) {
      return this.#shared.start(events);
    }
    const host = this.#takeSpare(sharing) ?? new CoderHost();
    if (sharing === 'sound') {
      this.#expectSound();
    }
    this.#refill(sharing);
    if (sharing === 'shared') {
      this.#shared = host;
    }
    return host.start(events);
  };

  /** Ends the spare process; each job's owner ends the others. */
  async close(): Promise<void> {
    this.#isNeeded = false;
    clearTimeout(this.#sound);
    this.#sound = undefined;
    await this.#endSpare();
  }

  /** One that waits for a sound alone is no other job's: a wall that opens takes posters of its cameras, before a viewer taps. */
  #takeSpare(sharing: Sharing): CoderHost | null {
    const spare = this.#spare;
    if (spare?.isAlive && sharing !== 'sound' && !this.#isNeeded) {
      return null;
    }
    this.#spare = null;
    return spare?.isAlive ? spare : null;
  }

  #expectSound(): void {
    clearTimeout(this.#sound);
    this.#sound = setTimeout(() => {
      this.#sound = undefined;
      this.#isNeeded || void this.#endSpare();
    }, this.#soundMs);
    this.#sound.unref();
  }

  async #endSpare(): Promise<void> {
    clearTimeout(this.#quiet);
    const spare = this.#spare;
    this.#spare = null;
    await spare?.end();
  }

  #refill(after: keyof typeof quietMs): void {
    clearTimeout(this.#quiet);
    if ((this.#isNeeded || this.#sound !== undefined) && this.#spare === null) {
      this.#quiet = setTimeout(() => {
        this.#spare = new CoderHost();
      }, quietMs[after]);
      this.#quiet.unref();
    }
  }
}
