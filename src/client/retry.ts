/** The facts by which a policy decides about the next attempt. */
export interface RetryContext {
  /** How many attempts failed since the last good connection; 0 is the first retry. */
  attempt: number;
}

/** Milliseconds until the next attempt, or null to give up. */
export type RetryPolicy = (context: RetryContext) => number | null;

const delays = [0, 300, 1200, 2700, 4800] as const;
const longestDelay = 7000;
/** A device that restarts meets all its viewers again: from the third attempt on they spread over this time. */
const jitter = 1000;

/** Never gives up: a camera wall is left alone for weeks. */
export function retryDelay({ attempt }: RetryContext, random: () => number = Math.random): number {
  const delay = delays[attempt] ?? longestDelay;
  return attempt < 2 ? delay : delay + random() * jitter;
}
