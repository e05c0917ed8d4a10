import type { RetryPolicy } from './retry.ts';

/** Starts the next attempt when the policy says that it is due. */
export class RetryTimer {
  readonly #policy: RetryPolicy;
  readonly #onDue: () => void;
  /** Failed attempts since the last good connection. */
  #attempt = 0;
  #resetAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(policy: RetryPolicy, onDue: () => void) {
    this.#policy = policy;
    this.#onDue = onDue;
  }

  /** Schedules the next attempt, in place of one already scheduled. Returns false if the policy gives up. */
  schedule(): boolean {
    const delay = this.#policy({ attempt: this.#attempt, sinceReset: performance.now() - this.#resetAt });
    if (delay === null) {
      return false;
    }
    this.#attempt += 1;
    this.wait(delay, this.#onDue);
    return true;
  }

  /** Schedules something else, in place of what is scheduled. @param delay milliseconds */
  wait(delay: number, onDue: () => void): void {
    this.cancel();
    this.#timer = setTimeout(onDue, delay);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  /** The next failure counts as the first one again. */
  reset(): void {
    this.cancel();
    this.#attempt = 0;
    this.#resetAt = performance.now();
  }
}
