import { readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Milliseconds from the last change to the reading: programs write a file in several steps. */
const settling = 200;
/** Milliseconds after which changes that do not end are looked at all the same: the folder may hold a log, too. */
const longestSettling = 2000;

/**
 * Puts calls that come in quick succession together.
 * @returns asks for a call of `act`, which comes when nothing asked for it for a while, or has asked for too long
 */
export function settled(act: () => void, clock = () => performance.now()): { ask(): void; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  let firstAt: number | null = null;
  return {
    ask: () => {
      const now = clock();
      firstAt ??= now;
      clearTimeout(timer);
      const left = firstAt + longestSettling - now;
      timer = setTimeout(
        () => {
          firstAt = null;
          act();
        },
        Math.max(0, Math.min(settling, left)),
      );
    },
    cancel: () => clearTimeout(timer),
  };
}

/**
 * Calls back when the content of a file has changed. It watches the file's folder, since editors and containers replace
 * the file instead of writing into it.
 * @returns a function that ends the watch
 */
export function watchFile(file: string, changed: () => void, failed: (error: Error) => void): () => void {
  let content = readIfThere(file);
  const look = settled(() => {
    const now = readIfThere(file);
    if (now !== null && now !== content) {
      content = now;
      changed();
    }
  });
  const watcher = watch(dirname(file), look.ask);
  watcher.on('error', failed);
  return () => {
    look.cancel();
    watcher.close();
  };
}

/** Null while the file is being replaced. */
function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
