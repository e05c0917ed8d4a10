import { fixtureCleanup } from '@open-wc/testing';

/** Takes the test's elements out of the page. An element lets go of its session a task after it was removed for good. */
export async function removeFixtures(): Promise<void> {
  fixtureCleanup();
  await letGo();
}

/** Resolves when removed elements have let go. The timer is the browser's own where a test has replaced `setTimeout`. */
export function letGo(setTimer: (callback: () => void) => unknown = setTimeout): Promise<void> {
  return new Promise((resolve) => {
    setTimer(resolve);
  });
}
