import { type ChildProcess, fork } from 'node:child_process';
import { constants } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Seconds before a restart, by how many runs in a row ended early; the last one holds from there on. */
const delays = [0, 1, 2, 5, 10];
/** A run of this many milliseconds was a good one: the next restart comes at once again. */
const goodRun = 60_000;

/** The device's messages to its supervisor. */
export type DeviceNews =
  | { type: 'ready' }
  /** The streams that have viewers, whenever they are others than before. */
  | { type: 'watched'; streams: string[] };

/** The supervisor's message to a device that takes the place of one that ended: its viewers will come for these streams. */
export interface Heritage {
  streams: string[];
}

/** @param earlyEnds how many runs in a row lasted less than a minute, the present one included */
export function restartDelay(earlyEnds: number): number {
  return (delays[Math.min(Math.max(earlyEnds - 1, 0), delays.length - 1)] as number) * 1000;
}

/**
 * Runs the device as a child process until it ends on purpose: by a signal that this process passes on, or with an exit
 * code before it was ever ready, which is a mistake in its configuration. Every other end is followed by a restart.
 * The exit code is the child's.
 */
export function supervise(args: readonly string[], restart: boolean): void {
  let child: ChildProcess;
  let waiting: NodeJS.Timeout | undefined;
  let stopping = false;
  let wasReady = false;
  let earlyEnds = 0;
  let watched: string[] = [];

  const start = () => {
    const started = performance.now();
    waiting = undefined;
    // A process group of its own: Ctrl+C in a terminal reaches a whole group, and the child would get it twice.
    child = fork(fileURLToPath(new URL(`./main${extname(import.meta.url)}`, import.meta.url)), args, {
      detached: true,
    });
    if (watched.length > 0) {
      child.send({ streams: watched } satisfies Heritage);
    }
    child.on('message', (news: DeviceNews) => {
      if (news.type === 'ready') {
        wasReady = true;
      } else {
        watched = news.streams;
      }
    });
    child.once('error', (error) => {
      say(`the device cannot be started: ${error.message}`);
      process.exit(1);
    });
    child.once('exit', (code, signal) => {
      if (stopping || !restart || (signal === null && !wasReady)) {
        process.exit(code ?? 128 + constants.signals[signal as NodeJS.Signals]);
      }
      earlyEnds = performance.now() - started < goodRun ? earlyEnds + 1 : 0;
      const delay = restartDelay(earlyEnds);
      say(`the device ended with ${signal ?? `code ${code}`} and is started again in ${delay / 1000} s`);
      waiting = setTimeout(start, delay);
    });
  };

  const stop = (signal: NodeJS.Signals) => {
    stopping = true;
    if (waiting !== undefined) {
      process.exit(0);
    }
    child.kill(signal);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGUSR2', stop);
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  // A terminal or a log reader that is gone is no reason to end.
  process.stderr.on('error', () => {});
  start();
}

function say(text: string): void {
  console.error(`multistream-device: ${text}`);
}
