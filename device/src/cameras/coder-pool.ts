import { CoderHost, type CoderProcess, type StartCoder } from './coder-process.ts';

/** How long (ms) no coder was wanted before the next spare one is started: cameras that start at once need the machine. */
const quietMs = 1000;

/**
 * The coders of a device. One process more than is needed is kept ready with its FFmpeg loaded, which takes most of the time
 * until a variant's or a synthetic camera's first picture. Jobs that are shared run in one process, up to its limits.
 */
export class CoderPool {
  #spare: CoderHost | null = null;
  #shared: CoderHost | null = null;
  #isNeeded = false;
  #quiet: NodeJS.Timeout | undefined;

  /** @param isNeeded whether a spare process is worth its memory */
  prepare(isNeeded: boolean): void {
    this.#isNeeded = isNeeded;
    if (isNeeded) {
      this.#refill();
    } else {
      void this.close();
    }
  }

  readonly start: StartCoder = (events, sharing = 'alone'): CoderProcess => {
    if (sharing === 'shared' && this.#shared?.hasRoom) {
      return this.#shared.start(events);
    }
    const host = this.#spare?.isAlive ? this.#spare : new CoderHost();
    this.#spare = null;
    this.#refill();
    if (sharing === 'shared') {
      this.#shared = host;
    }
    return host.start(events);
  };

  /** Ends the spare process; each job's owner ends the others. */
  async close(): Promise<void> {
    clearTimeout(this.#quiet);
    this.#isNeeded = false;
    const spare = this.#spare;
    this.#spare = null;
    await spare?.end();
  }

  #refill(): void {
    clearTimeout(this.#quiet);
    if (this.#isNeeded && this.#spare === null) {
      this.#quiet = setTimeout(() => {
        this.#spare = new CoderHost();
      }, quietMs);
      this.#quiet.unref();
    }
  }
}
