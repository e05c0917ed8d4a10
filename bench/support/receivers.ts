import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from '../../device/test/support/child-process.ts';

export interface Receivers {
  pid: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Viewers of all these streams, each over one connection or over one for each stream. Resolves when all play. */
export async function openReceivers(
  url: string,
  kind: 'wall' | 'single',
  viewers: number,
  streams: readonly string[],
): Promise<Receivers> {
  const program = 'bench/support/receivers-process.ts';
  const child = startChild(process.execPath, [program, url, kind, String(viewers), ...streams]);
  const ended = child.exited.then(({ code }) => {
    throw new Error(`the receivers ended with ${code}: ${child.stderr()}`);
  });
  // Hundreds of connections take their time.
  await Promise.race([ended, says(child, 'open\n')]);
  ended.catch(() => {});
  return {
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      await child.end('SIGKILL');
    },
  };
}

async function says(child: Child, text: string): Promise<void> {
  while (!child.stdout().includes(text)) {
    await sleep(50);
  }
}
