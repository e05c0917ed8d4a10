/**
 * The coder: a camera's process. FFmpeg blocks threads and now and then crashes: here that costs one camera and not the
 * device. The process ends by itself when its source fails, when it is told to, and when its supervisor is gone.
 */

import { setImmediate } from 'node:timers/promises';
import { AV_LOG_QUIET } from 'node-av/constants';
import { Log } from 'node-av/lib';
import type { AccessUnit } from '../media/access-unit.ts';
import { FfmpegLog, secretsOf } from './ffmpeg-log.ts';
import type { CoderReport, CoderRequest } from './messages.ts';
import { openPipeline } from './open-pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import { UnitQueue } from './unit-input.ts';

// Until a source is opened; FFmpeg's lines name its address with its password, and go to no standard error.
Log.setLevel(AV_LOG_QUIET);

/** How often the process tells its weight, in milliseconds. */
const memoryInterval = 5000;
/** How often it looks itself whether it has become far too large, in milliseconds: FFmpeg may read a gigabyte a second. */
const overweightInterval = 100;
/** Bytes of memory that a process may need without a fault of its source: FFmpeg alone takes 85 MB. */
const leastMemory = 256 * 1024 * 1024;

/** How long the source may take to be closed, in milliseconds. */
const grace = 1000;

const closing = new AbortController();
const units = new UnitQueue();
let pipeline: Promise<Pipeline> | null = null;
let log: FfmpegLog | null = null;
let stills: Promise<void> = Promise.resolve();

process.on('message', (request: CoderRequest) => {
  switch (request.type) {
    case 'open':
      log = new FfmpegLog('url' in request.source ? secretsOf(request.source.url) : []);
      log.listen();
      pipeline = openPipeline(request.source, request, report, units);
      watchWeight(pipeline, request.limits.memoryBytes);
      pipeline.then((opened) => opened.run(closing.signal)).then(() => process.exit(0), fail);
      break;
    case 'start':
      use((opened) => opened.start(request.output, request.config));
      break;
    case 'stop':
      use((opened) => opened.stop(request.output));
      break;
    case 'unit':
      units.push(received(request.unit));
      break;
    case 'keyframe':
      use((opened) => opened.requestKeyframe(request.output));
      break;
    case 'still':
      still(request);
      break;
  }
});

process.on('SIGTERM', end);
process.on('disconnect', end);
// The terminal sends it to the whole group; the supervisor decides.
process.on('SIGINT', () => {});

// Callers of FFmpeg are known to grow; the supervisor replaces a process that does.
setInterval(() => report({ type: 'memory', bytes: process.memoryUsage.rss() }), memoryInterval).unref();

/**
 * A process that opened is replaced by its supervisor when it grows, and so may be twice as large; one that has not opened
 * is not, since a second one would do the same.
 */
function watchWeight(opening: Promise<unknown>, memoryBytes: number): void {
  let most = memoryBytes;
  opening.then(
    () => {
      most = 2 * memoryBytes;
    },
    () => {},
  );
  setInterval(() => {
    const limit = Math.max(most, leastMemory);
    if (process.memoryUsage.rss() > limit) {
      fail(new Error(`its process took more than ${Math.round(limit / 2 ** 20)} MiB of memory`));
    }
  }, overweightInterval).unref();
}

if (!process.connected) {
  end();
}

function end(): void {
  closing.abort();
  units.end();
  setTimeout(kill, grace);
}

/** Structured clone makes a plain Uint8Array of a Buffer. */
function received({ data, ...unit }: AccessUnit): AccessUnit {
  return { ...unit, data: Buffer.from(data.buffer, data.byteOffset, data.length) };
}

/** One at a time: each may decode a whole GOP. */
function still(request: Extract<CoderRequest, { type: 'still' }>): void {
  stills = stills.then(() => makeStill(request));
}

async function makeStill({ id, width }: Extract<CoderRequest, { type: 'still' }>): Promise<void> {
  try {
    const opened = await pipeline;
    // Pictures that came before the request are taken first.
    await setImmediate();
    report({ type: 'still', id, data: await (opened as Pipeline).still(width) });
  } catch (error) {
    report({ type: 'still', id, error: (error as Error).message });
  }
}

function use(job: (opened: Pipeline) => void): void {
  // A pipeline that did not open is reported once, by the one who opened it.
  pipeline?.then(job, () => {}).catch(fail);
}

function report(message: CoderReport): void {
  if (process.connected) {
    process.send?.(message);
  }
}

function fail(error: Error): void {
  if (!process.connected) {
    kill();
  }
  // FFmpeg's lines come from its own threads, a moment later.
  setTimeout(() => {
    const reason = log?.explain(error.message) ?? error.message;
    process.send?.({ type: 'failed', reason } satisfies CoderReport, kill);
  }, 20);
}

/** FFmpeg may be busy for ever, in a thread that even `process.exit` would wait for. */
function kill(): void {
  process.kill(process.pid, 'SIGKILL');
}
