import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LogConfig } from './config/config.ts';

/** Milliseconds between two signs of life. */
const beatInterval = 250;

export interface WatchdogData {
  /** A count in shared memory, which the main thread raises while it works. */
  beats: Int32Array<SharedArrayBuffer>;
  log: LogConfig;
  /** Without a sign of life, before the device counts as hung. */
  seconds: number;
}

/**
 * Ends this process when its main thread has not worked for so many seconds: a device that hangs helps its viewers less than
 * one that is started again. A thread of its own watches, since nothing on a blocked thread can.
 * @param failed is told why nothing watches any more
 */
export function startWatchdog(seconds: number, log: LogConfig, failed: (error: Error) => void): void {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  setInterval(() => Atomics.add(beats, 0, 1), beatInterval).unref();
  const worker = new Worker(new URL(`./watchdog-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: { beats, log, seconds } satisfies WatchdogData,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 32 },
  });
  worker.on('error', failed);
  worker.unref();
}
