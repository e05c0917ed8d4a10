/** Child processes that say on stdout when they are ready and that never outlive the process that started them. */

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Exit } from './process-types.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const startTimeout = 20_000;
const stopTimeout = 10_000;

export interface Child {
  pid: number;
  /** Its output so far. */
  stdout(): string;
  stderr(): string;
  write(text: string): void;
  /** The first match in a whole line of stdout; rejects where the child ends, or has not said it after 20 s. */
  says(pattern: RegExp, milliseconds?: number): Promise<string>;
  /** As `says`, of stderr. */
  logs(pattern: RegExp, milliseconds?: number): Promise<string>;
  /** Sends the signal, and SIGKILL after ten seconds. */
  end(signal: NodeJS.Signals): Promise<Exit>;
  exited: Promise<Exit>;
}

/** Starts a program in the root folder of the repository. */
export function startChild(command: string, args: string[]): Child {
  const child = spawn(command, args, { cwd: repository, stdio: 'pipe' });
  children.add(child);
  let asked = performance.now();
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal, milliseconds: performance.now() - asked });
    });
  });
  // Callers that wait are told; a child that ends while none does must not crash the tests.
  exited.catch(() => {});
  // A child that is gone cannot be written to; that it is gone, `exited` says.
  child.stdin.on('error', () => {});
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  return {
    pid: child.pid ?? -1,
    stdout,
    stderr,
    write: (text) => child.stdin.write(text),
    says: (pattern, milliseconds = startTimeout) =>
      firstMatch(child, exited, { stream: child.stdout, text: stdout, stderr }, pattern, milliseconds),
    logs: (pattern, milliseconds = startTimeout) =>
      firstMatch(child, exited, { stream: child.stderr, text: stderr, stderr }, pattern, milliseconds),
    end: async (signal) => {
      asked = performance.now();
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeout);
      child.kill(signal);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
    exited,
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

function firstMatch(
  child: ChildProcess,
  exited: Promise<Exit>,
  { stream, text, stderr }: { stream: NodeJS.ReadableStream; text(): string; stderr(): string },
  pattern: RegExp,
  milliseconds: number,
) {
  return new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`process ${child.pid} did not print ${pattern} within ${milliseconds} ms`)),
      milliseconds,
    );
    const look = () => {
      // Whole lines only: the end of an address may be in the next chunk.
      const match = pattern.exec(text().slice(0, text().lastIndexOf('\n') + 1));
      if (match !== null) {
        clearTimeout(timer);
        stream.off('data', look);
        resolve(match[0]);
      }
    };
    stream.on('data', look);
    exited
      .then(({ code, signal }) => reject(new Error(`process ${child.pid} ended with ${signal ?? code}: ${stderr()}`)))
      .catch(reject)
      .finally(() => clearTimeout(timer));
  });
}

const children = new Set<ChildProcess>();

function killChildren() {
  for (const child of children) {
    child.kill('SIGKILL');
  }
}

process.once('exit', killChildren);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killChildren();
    // Listening took the default away, which is to end. Unless another listener handles the signal, do it now.
    if (process.listenerCount(signal) === 0) {
      process.kill(process.pid, signal);
    }
  });
}
