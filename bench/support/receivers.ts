import { startChild } from '../../device/test/support/child-process.ts';

export interface Receivers {
  pid: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Viewers of all these streams, each over one connection or over one for each stream. Resolves when all play.
 * @param atOnce how many connect at a time: most of it is waiting, but very many at once would time each other out
 */
export async function openReceivers(
  url: string,
  kind: 'wall' | 'single',
  viewers: number,
  streams: readonly string[],
  atOnce = 30,
): Promise<Receivers> {
  const program = 'bench/support/receivers-process.ts';
  const child = startChild(process.execPath, [program, url, kind, String(viewers), String(atOnce), ...streams]);
  // Hundreds of connections take their time.
  await child.says(/^open$/m, 300_000);
  return {
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      await child.end('SIGKILL');
    },
  };
}
