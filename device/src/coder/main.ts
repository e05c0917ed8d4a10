/**
 * The coder: a process with FFmpeg in it, which blocks threads and now and then crashes: here that costs one camera and not the
 * device. The process ends by itself when its last source fails, when it is told to, and when its supervisor is gone.
 */

import { setImmediate } from 'node:timers/promises';
import { AV_LOG_QUIET } from 'node-av/constants';
import { Log } from 'node-av/lib';
import type { AudioUnit } from '../media/audio-unit.ts';
import { FfmpegLog, secretsOf } from './ffmpeg-log.ts';
import { type CoderReport, type CoderRequest, type OfJob, received } from './messages.ts';
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

type Open = Extract<CoderRequest, { type: 'open' }>;
type Still = Extract<CoderRequest, { type: 'still' }>;

const jobs = new Map<number, Job>();
let log: FfmpegLog | null = null;

/** One source and its outputs. */
class Job {
  readonly #id: number;
  readonly #closing = new AbortController();
  readonly #units = new UnitQueue();
  readonly #sounds = new UnitQueue<AudioUnit>();
  #pipeline: Promise<Pipeline> | null = null;
  #stills: Promise<void> = Promise.resolve();
  /** Bytes of memory that its share of the process may take; twice as many once it is open. */
  memoryBytes = 0;

  constructor(id: number) {
    this.#id = id;
  }

  follow(request: CoderRequest): void {
    switch (request.type) {
      case 'open':
        this.#open(request);
        break;
      case 'start':
        this.#use((opened) => opened.start(request.output, request.config));
        break;
      case 'stop':
        this.#use((opened) => opened.stop(request.output));
        break;
      case 'unit':
        this.#units.push(received(request.unit));
        break;
      case 'audio':
        this.#sounds.push(received(request.unit));
        break;
      case 'keyframe':
        this.#use((opened) => opened.requestKeyframe(request.output));
        break;
      case 'listen':
        this.#use((opened) => opened.listen(request.isHeard));
        break;
      case 'still':
        // One at a time: each may decode a whole GOP.
        this.#stills = this.#stills.then(() => this.#still(request));
        break;
      case 'close':
        jobs.delete(this.#id);
        this.end();
        break;
    }
  }

  end(): void {
    this.#closing.abort();
    this.#units.end();
    this.#sounds.end();
  }

  report(message: CoderReport): void {
    tell({ job: this.#id, message });
  }

  fail(error: Error): void {
    if (!process.connected) {
      kill();
    }
    if (!jobs.has(this.#id)) {
      return;
    }
    // FFmpeg's lines come from its own threads, a moment later.
    setTimeout(() => {
      const reason = log?.explain(error.message) ?? error.message;
      jobs.delete(this.#id);
      tell({ job: this.#id, message: { type: 'failed', reason } }, () => {
        this.end();
        jobs.size === 0 && kill();
      });
    }, 20);
  }

  /**
   * A process that opened is replaced by its supervisor when it grows, and so may be twice as large; one that has not opened
   * is not, since a second one would do the same.
   */
  #open(request: Open): void {
    this.memoryBytes = request.limits.memoryBytes;
    this.#pipeline = openPipeline(
      request.source,
      request,
      (message) => this.report(message),
      this.#units,
      this.#sounds,
    );
    this.#pipeline
      .then((opened) => {
        this.memoryBytes *= 2;
        return opened.run(this.#closing.signal);
      })
      .then(
        () => {
          if (jobs.size === 0) {
            process.exit(0);
          }
        },
        (error: Error) => this.fail(error),
      );
  }

  async #still({ id, width }: Still): Promise<void> {
    try {
      const opened = await this.#pipeline;
      // Pictures that came before the request are taken first.
      await setImmediate();
      this.report({ type: 'still', id, data: await (opened as Pipeline).still(width) });
    } catch (error) {
      this.report({ type: 'still', id, error: (error as Error).message });
    }
  }

  #use(action: (opened: Pipeline) => void): void {
    // A pipeline that did not open is reported once, by the one who opened it.
    this.#pipeline?.then(action, () => {}).catch((error) => this.fail(error));
  }
}

process.on('message', ({ job: id, message }: OfJob<CoderRequest>) => {
  if (message.type === 'open') {
    jobs.set(id, new Job(id));
    if (log === null) {
      log = new FfmpegLog('url' in message.source ? secretsOf(message.source.url) : []);
      log.listen();
      watchWeight();
    }
  }
  jobs.get(id)?.follow(message);
});

process.on('SIGTERM', end);
process.on('disconnect', end);
// The terminal sends it to the whole group; the supervisor decides.
process.on('SIGINT', () => {});

function watchWeight(): void {
  // Callers of FFmpeg are known to grow; the supervisor replaces a process that does.
  setInterval(() => {
    const bytes = process.memoryUsage.rss() / jobs.size;
    for (const job of jobs.values()) {
      job.report({ type: 'memory', bytes });
    }
  }, memoryInterval).unref();
  setInterval(() => {
    const most = [...jobs.values()].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    const limit = Math.max(most, leastMemory);
    if (process.memoryUsage.rss() > limit) {
      for (const job of jobs.values()) {
        job.fail(new Error(`its process took more than ${Math.round(limit / 2 ** 20)} MiB of memory`));
      }
    }
  }, overweightInterval).unref();
}

if (!process.connected) {
  end();
}

function end(): void {
  if (jobs.size === 0) {
    process.exit(0);
  }
  for (const job of jobs.values()) {
    job.end();
  }
  jobs.clear();
  setTimeout(kill, grace);
}

function tell(report: OfJob<CoderReport>, sent: () => void = () => {}): void {
  if (process.connected) {
    process.send?.(report, sent);
  }
}

/** FFmpeg may be busy for ever, in a thread that even `process.exit` would wait for. */
function kill(): void {
  process.kill(process.pid, 'SIGKILL');
}
