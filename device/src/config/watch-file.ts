import { readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Milliseconds from the last change to the reading: programs write a file in several steps. */
const settling = 200;

/**
 * Calls back when the content of a file has changed. It watches the file's folder, since editors and containers replace
 * the file instead of writing into it.
 * @returns a function that ends the watch
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
