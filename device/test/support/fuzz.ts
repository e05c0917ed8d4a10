import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';

export interface Property<T> {
  /** Folder of inputs that once failed, one JSON file each: `new URL('corpus/rtcp/', import.meta.url)`. It may be missing. */
  corpus: URL;
  input: fc.Arbitrary<T>;
  /** Random inputs in a normal test run; the limit of `gateMs` may cut them short. */
  runs?: number;
  /** Throws, or rejects, where the property does not hold for an input. */
  holds: (input: T) => void | Promise<void>;
}

const gateMs = 5000;

/**
 * Tries a property on its corpus first, and then on random inputs. A normal test run takes the same inputs every time.
 * With `FUZZ_SECONDS` in the environment (`npm run fuzz`), new inputs are tried for that many seconds.
 * A failure says which file to add to the corpus, and with what content.
 */
export async function fuzz<T>({ corpus, input, runs = 1000, holds }: Property<T>): Promise<void> {
  for (const file of corpusFiles(corpus)) {
    try {
      await holds(decode(readFileSync(file, 'utf8')) as T);
    } catch (error) {
      throw new Error(`${pathOf(file)} fails again`, { cause: error });
    }
  }
  const seconds = Number(process.env.FUZZ_SECONDS ?? 0);
  const limits =
    seconds > 0
      ? { numRuns: Number.POSITIVE_INFINITY, interruptAfterTimeLimit: seconds * 1000 }
      : { seed: 1, numRuns: runs, interruptAfterTimeLimit: gateMs };
  const { counterexample, errorInstance, failed, numRuns } = await fc.check(
    fc.asyncProperty(input, async (tried) => holds(tried)),
    limits,
  );
  if (counterexample !== null) {
    const file = pathOf(new URL('NAME.json', corpus));
    throw new Error(`failed at input ${numRuns}. Keep it as ${file}:\n${encode(counterexample[0])}`, {
      cause: errorInstance,
    });
  }
  if (failed && numRuns === 0) {
    throw new Error('no input was tried');
  }
}

function corpusFiles(folder: URL): URL[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => new URL(name, folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

/** JSON, in which bytes are `{"bytes": "80c9…"}`, so that a diff shows what an input is. */
export function encode(input: unknown): string {
  return JSON.stringify(input, function (this: Record<string, unknown>, key, value) {
    // A Buffer turns itself into an array of numbers before it gets here.
    const original = this[key];
    return original instanceof Uint8Array ? { bytes: Buffer.from(original).toString('hex') } : value;
  });
}

export function decode(text: string): unknown {
  return JSON.parse(text, (_key, value) => {
    const bytes = value?.bytes;
    return typeof bytes === 'string' && Object.keys(value).length === 1 ? Buffer.from(bytes, 'hex') : value;
  });
}

function pathOf(file: URL): string {
  return relative(process.cwd(), fileURLToPath(file));
}
