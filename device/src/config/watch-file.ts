import { readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Programs write a file in several steps; it is read this long after the last one, in milliseconds. */
const settling = 200;

/**
 * Calls back when the content of a file is another one. Its folder is what is watched: editors, and those who mount
 * configurations into containers, put a new file in the place of the old one.
 * @returns what ends it
 */
export function watchFile(file: string, changed: () => void, failed: (error: Error) => void): () => void {
  let content = readIfThere(file);
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const now = readIfThere(file);
    if (now !== null && now !== content) {
      content = now;
      changed();
    }
  };
  const watcher = watch(dirname(file), () => {
    clearTimeout(timer);
    timer = setTimeout(look, settling);
  });
  watcher.on('error', failed);
  return () => {
    clearTimeout(timer);
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
