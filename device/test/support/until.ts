import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the condition holds; it is looked at every 20 ms. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await sleep(20);
  }
}
