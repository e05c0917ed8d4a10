import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds: longer than any test waits, so that one that is given up does not keep its process alive. */
const patience = 120_000;

/**
 * Resolves when the condition holds; it is looked at every 20 ms.
 * @throws {Error} after two minutes
 */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patience;
  while (!(await holds())) {
    if (performance.now() > end) {
      throw new Error(`after ${patience / 1000} s not yet: ${holds}`);
    }
    await sleep(20);
  }
}
