/** The facts by which a policy decides about the next attempt. */
export interface RetryContext {
  /** How many attempts failed since the last good connection; 0 is the first retry. */
  attempt: number;
  /** Milliseconds since a good connection was lost or the page woke up; infinite, or absent, if neither happened. */
  sinceReset?: number;
}

/** Milliseconds until the next attempt, or null to give up. */
export type RetryPolicy = (context: RetryContext) => number | null;

/** The delays grow with the square of the attempts: 0, 0.3, 1.2, 2.7, 4.8 s, and no further. */
const growth = 300;
const longestDelay = 5000;
/** A device that was there a moment ago may be back at any moment: attempts are at least this far apart then. */
const densest = 200;

/**
 * Never gives up: a camera wall is left alone for weeks. A device that was there a moment ago is tried densely: an attempt
 * waits for a fifth of the time that it has been gone. A device that restarts meets all its viewers again, so each of them
 * waits for up to half as long again.
 */
export function retryDelay(
  { attempt, sinceReset = Infinity }: RetryContext,
  random: () => number = Math.random,
): number {
  return Math.min(growth * attempt ** 2, longestDelay, Math.max(densest, sinceReset / 5)) * (1 + random() / 2);
}
