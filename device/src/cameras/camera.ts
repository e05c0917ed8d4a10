import type { Logger } from 'pino';
import type { CameraReport } from '../coder/messages.ts';
import type { OwnSource } from '../config/source.ts';
import type { StreamFeed, StreamSink, StreamSource } from '../streams/stream-source.ts';
import { type StartProcess, startProcess } from './camera-process.ts';
import { type CameraOutput, CameraRun, type RunDelays } from './camera-run.ts';
import { Handover } from './handover.ts';
import { OpenOutput } from './open-output.ts';
import type { StartQueue } from './start-queue.ts';

export type CameraState = 'idle' | 'starting' | 'running' | 'backoff' | 'stopped';

export interface Delays extends RunDelays {
  /** The first wait before a new process, in milliseconds; it doubles with each failure in a row. */
  retry: number;
  longestRetry: number;
  /** Of pictures, before a failure counts as the first again. */
  steady: number;
}

export interface CameraOptions {
  log: Logger;
  queue: StartQueue;
  /** Bytes of a process's memory, beyond which it is replaced; by default never. */
  memoryLimit?: () => number;
  /** The process that reads the source; a test gives its own. */
  start?: StartProcess;
  delays?: Delays;
}

const usualDelays: Delays = { retry: 1000, longestRetry: 30_000, opening: 15_000, silence: 5000, steady: 10_000 };
/** Between two replacements for memory, in milliseconds: a camera may need more than the limit, and is to be left alone then. */
const patience = 600_000;

/**
 * One camera: a process of its own while anyone wants one of its outputs, a new one with backoff when that dies, on the
 * next of its sources. Its outputs hear `offline` meanwhile, and no one else hears anything.
 */
export class Camera {
  readonly name: string;
  readonly #sources: readonly OwnSource[];
  readonly #options: Required<CameraOptions>;
  readonly #outputs = new Map<string, OpenOutput>();
  #lastOutput = 0;
  #state: CameraState = 'idle';
  #run: CameraRun | null = null;
  /** To a fresh run, from one whose memory has grown. */
  #handover: Handover | null = null;
  #replacedAt = Number.NEGATIVE_INFINITY;
  #source = 0;
  #failures = 0;
  #restarts = 0;
  #retry: NodeJS.Timeout | undefined;
  #leaveQueue = () => {};
  /** Settled when every process of the past is gone. */
  #gone: Promise<unknown> = Promise.resolve();
  readonly #retired = Promise.withResolvers<void>();
  #isRetiring = false;

  /** @param sources at least one; the next is tried when one fails */
  constructor(name: string, sources: readonly OwnSource[], options: CameraOptions) {
    this.name = name;
    this.#sources = sources;
    this.#options = {
      memoryLimit: () => Number.POSITIVE_INFINITY,
      start: startProcess,
      delays: usualDelays,
      ...options,
      log: options.log.child({ camera: name }),
    };
  }

  get state(): CameraState {
    return this.#state;
  }

  /** How many processes were started after the first because one failed or grew too large. */
  get restarts(): number {
    return this.#restarts;
  }

  /** What one configured stream makes of this camera, as a source for it. */
  output(name: string, config: CameraOutput): StreamSource {
    const encodes =
      config.kind === 'encode' ||
      (config.kind === 'native' && this.#sources.every(({ output }) => output.kind === 'encode'));
    return { encodes, open: (sink) => this.#open(name, config, sink) };
  }

  /**
   * The present picture as JPEG, of a camera that is running.
   * @throws {Error}
   */
  async still(width: number | undefined): Promise<Buffer> {
    if (this.#run === null) {
      throw new Error('the camera is not running');
    }
    return this.#run.still(width);
  }

  /** Stops for good as soon as nobody reads it any more. Resolves when the process is gone. */
  retire(): Promise<void> {
    this.#isRetiring = true;
    if (this.#outputs.size === 0) {
      void this.close();
    }
    return this.#retired.promise;
  }

  /** Stops for good. Resolves when the process is gone. */
  async close(): Promise<void> {
    this.#outputs.clear();
    this.#stop('stopped');
    await this.#gone;
    this.#retired.resolve();
  }

  #open(name: string, config: CameraOutput, sink: StreamSink): StreamFeed {
    const id = `${name}#${++this.#lastOutput}`;
    const output = new OpenOutput(id, name, config, sink, this.#options.log);
    this.#outputs.set(id, output);
    if (this.#state === 'idle') {
      this.#launch();
    } else if (this.#run !== null) {
      this.#startOutput(this.#run, output);
      this.#handover?.add(output);
    }
    return {
      requestKeyframe: () => output.requestKeyframe(),
      still: (width) => this.still(width),
      close: () => this.#closeOutput(output),
    };
  }

  #closeOutput({ id }: OpenOutput): void {
    if (!this.#outputs.delete(id)) {
      return;
    }
    if (this.#outputs.size > 0) {
      this.#run?.stop(id);
      this.#handover?.to.stop(id);
      this.#finishHandover();
    } else if (this.#isRetiring) {
      void this.close();
    } else {
      this.#stop('idle');
    }
  }

  #launch(): void {
    this.#state = 'starting';
    this.#leaveQueue = this.#options.queue.enter(() => {
      this.#run = this.#startRun();
      for (const output of this.#outputs.values()) {
        this.#startOutput(this.#run, output);
      }
    });
  }

  #startRun(): CameraRun {
    const { delays, start } = this.#options;
    return new CameraRun(this.#sources[this.#source] as OwnSource, delays, start, {
      report: (run, report) => this.#take(run, report),
      failed: (run, reason) => this.#runFailed(run, reason),
    });
  }

  #startOutput(run: CameraRun, output: OpenOutput): void {
    output.show(run);
    output.startOn(run);
  }

  #take(run: CameraRun, report: Exclude<CameraReport, { type: 'failed' | 'still' }>): void {
    if (report.type === 'memory') {
      this.#weigh(run, report.bytes);
      return;
    }
    const output = this.#outputs.get(report.output);
    if (output === undefined) {
      return;
    }
    if (!output.shows(run)) {
      if (run === this.#handover?.to) {
        this.#handover.take(output, report);
        this.#finishHandover();
      }
      return;
    }
    // One that sends what nobody can take has started too, and is not to hold up those that wait in the queue.
    if (this.#state === 'starting' && report.type !== 'format' && report.type !== 'note') {
      this.#leaveQueue();
      this.#state = 'running';
      this.#options.log.info({ source: this.#source }, 'camera running');
    }
    output.take(report);
  }

  /** The memory of FFmpeg's callers is known to grow; a fresh process takes over before the old one goes. */
  #weigh(run: CameraRun, bytes: number): void {
    const { log, memoryLimit } = this.#options;
    const limit = memoryLimit();
    const now = performance.now();
    if (run === this.#run && this.#handover === null && bytes > limit && now - this.#replacedAt >= patience) {
      log.warn({ bytes, limit }, 'camera process too large; replacing it');
      this.#replacedAt = now;
      this.#restarts++;
      this.#handover = new Handover(this.#startRun(), this.#outputs.values());
    }
  }

  #finishHandover(): void {
    if (this.#handover?.isDone(this.#outputs.values())) {
      this.#end(this.#run);
      this.#run = this.#handover.to;
      this.#handover = null;
      this.#options.log.info('camera process replaced');
    }
  }

  #runFailed(run: CameraRun, reason: string): void {
    const { log, delays } = this.#options;
    if (run === this.#handover?.to) {
      log.warn({ reason }, 'the replacement failed; the old process goes on');
      this.#handover = null;
      this.#end(run);
      for (const output of this.#outputs.values()) {
        if (output.shows(run)) {
          this.#startOutput(this.#run as CameraRun, output);
        }
      }
      return;
    }
    if (run.age >= delays.steady) {
      this.#failures = 0;
    }
    this.#source = (this.#source + 1) % this.#sources.length;
    // The other sources are tried at once; then all of them rest.
    const rest = this.#source === 0 ? Math.min(delays.retry * 2 ** this.#failures++, delays.longestRetry) : 0;
    // Jitter: cameras behind one switch that failed together do not all come back together.
    const wait = rest * (0.75 + Math.random() / 4);
    log.warn({ reason, retry_in_ms: Math.round(wait) }, 'camera offline');
    this.#stop('backoff');
    this.#restarts++;
    this.#retry = setTimeout(() => this.#launch(), wait);
    for (const output of this.#outputs.values()) {
      output.offline(reason);
    }
  }

  #stop(state: 'idle' | 'backoff' | 'stopped'): void {
    clearTimeout(this.#retry);
    this.#leaveQueue();
    this.#state = state;
    this.#end(this.#run);
    this.#end(this.#handover?.to ?? null);
    this.#run = null;
    this.#handover = null;
    for (const output of this.#outputs.values()) {
      output.show(null);
    }
  }

  #end(run: CameraRun | null): void {
    this.#gone = Promise.all([this.#gone, run?.end()]);
  }
}
