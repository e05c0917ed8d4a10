/**
 * The coder: a camera's process. FFmpeg blocks threads and now and then crashes: here that costs one camera and not the
 * device. The process ends by itself when its source fails, when it is told to, and when its supervisor is gone.
 */

import { AV_LOG_QUIET } from 'node-av/constants';
import { Log } from 'node-av/lib';
import type { CoderReport, CoderRequest } from './messages.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';

// FFmpeg's own log lines would name the source's address with its password.
Log.setLevel(AV_LOG_QUIET);

/** How often the process weighs itself, in milliseconds. */
const memoryInterval = 5000;

/** How long the source may take to be closed, in milliseconds. */
const grace = 1000;

const closing = new AbortController();
let pipeline: Promise<Pipeline> | null = null;

process.on('message', (request: CoderRequest) => {
  switch (request.type) {
    case 'open':
      pipeline = openPipeline(request.source, report);
      pipeline.then((opened) => opened.run(closing.signal)).then(() => process.exit(0), fail);
      break;
    case 'start':
      use((opened) => opened.start(request.output, request.config));
      break;
    case 'stop':
      use((opened) => opened.stop(request.output));
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

if (!process.connected) {
  end();
}

/** FFmpeg may wait for a camera for ever, in a thread that even `process.exit` would wait for: hence the signal. */
function end(): void {
  closing.abort();
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), grace);
}

async function still({ id, width }: Extract<CoderRequest, { type: 'still' }>): Promise<void> {
  try {
    const opened = await pipeline;
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
    process.exit(1);
  }
  process.send?.({ type: 'failed', reason: error.message } satisfies CoderReport, () => process.exit(1));
}
