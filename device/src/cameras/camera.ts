import type { Logger } from 'pino';
import type { OwnSource } from '../config/source.ts';
import type { StreamFormat } from '../streams/access-unit.ts';
import type { StreamFeed, StreamSink, StreamSource } from '../streams/stream-source.ts';
import { type StartProcess, startProcess } from './camera-process.ts';
import { type CameraOutput, CameraRun, type RunDelays } from './camera-run.ts';
import type { CameraReport } from './messages.ts';
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
  /** Bytes of a process's memory, beyond which it is replaced. */
  memoryLimit?: number;
  /** The process that reads the source; a test gives its own. */
  start?: StartProcess;
  delays?: Delays;
}

const usualDelays: Delays = { retry: 1000, longestRetry: 30_000, opening: 15_000, silence: 5000, steady: 10_000 };
const usualMemory = 512 * 1024 * 1024;

interface Output {
  config: CameraOutput;
  sink: StreamSink;
  /** The run that it shows; while a run is being replaced, the outputs change over one by one. */
  run: CameraRun | null;
}

/**
 * One camera: a process of its own while anyone wants one of its outputs, a new one with backoff when that dies, on the
 * next of its sources. Its outputs hear `offline` meanwhile, and no one else hears anything.
 */
export class Camera {
  readonly name: string;
  readonly #sources: readonly OwnSource[];
  readonly #options: Required<CameraOptions>;
  readonly #outputs = new Map<string, Output>();
  #state: CameraState = 'idle';
  #run: CameraRun | null = null;
  /** The run that shall take over from one whose memory has grown, with the formats it has told so far. */
  #replacement: { run: CameraRun; formats: Map<string, StreamFormat> } | null = null;
  #source = 0;
  #failures = 0;
  #restarts = 0;
  #retry: NodeJS.Timeout | undefined;
  #leaveQueue = () => {};
  /** Settled when every process of the past is gone. */
  #gone: Promise<unknown> = Promise.resolve();

  /** @param sources at least one; the next is tried when one fails */
  constructor(name: string, sources: readonly OwnSource[], options: CameraOptions) {
    this.name = name;
    this.#sources = sources;
    this.#options = {
      memoryLimit: usualMemory,
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
    return { encodes: config.kind === 'encode', open: (sink) => this.#open(name, { config, sink, run: null }) };
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

  /** Stops for good. Resolves when the process is gone. */
  async close(): Promise<void> {
    this.#outputs.clear();
    this.#stop('stopped');
    await this.#gone;
  }

  #open(name: string, output: Output): StreamFeed {
    this.#outputs.set(name, output);
    if (this.#state === 'idle') {
      this.#launch();
    } else {
      this.#startOutput(this.#run, name, output);
      this.#replacement?.run.start(name, output.config);
    }
    return {
      requestKeyframe: () => output.run?.requestKeyframe(name),
      still: (width) => this.still(width),
      close: () => this.#closeOutput(name, output),
    };
  }

  #closeOutput(name: string, output: Output): void {
    if (this.#outputs.get(name) !== output) {
      return;
    }
    this.#outputs.delete(name);
    if (this.#outputs.size === 0) {
      this.#stop('idle');
    } else {
      this.#run?.stop(name);
      this.#replacement?.run.stop(name);
      this.#finishReplacing();
    }
  }

  #launch(): void {
    this.#state = 'starting';
    this.#leaveQueue = this.#options.queue.enter(() => {
      this.#run = this.#startRun();
      for (const [name, output] of this.#outputs) {
        this.#startOutput(this.#run, name, output);
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

  #startOutput(run: CameraRun | null, name: string, output: Output): void {
    output.run = run;
    run?.start(name, output.config);
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
    if (output.run !== run) {
      this.#takeOver(run, output, report);
      return;
    }
    switch (report.type) {
      case 'unit':
        if (this.#state === 'starting') {
          this.#leaveQueue();
          this.#state = 'running';
          this.#options.log.info({ source: this.#source }, 'camera running');
        }
        output.sink.unit(report.unit);
        break;
      case 'format':
        output.sink.format(report.format);
        break;
      case 'refused':
        this.#options.log.warn({ output: report.output, reason: report.reason }, 'stream refused');
        output.sink.offline(report.reason);
        break;
      case 'note':
        this.#options.log.info({ output: report.output }, report.text);
        break;
    }
  }

  /** The memory of FFmpeg's callers is known to grow; a fresh process takes over before the old one goes. */
  #weigh(run: CameraRun, bytes: number): void {
    if (run === this.#run && this.#replacement === null && bytes > this.#options.memoryLimit) {
      this.#options.log.warn({ bytes, limit: this.#options.memoryLimit }, 'camera process too large; replacing it');
      this.#restarts++;
      this.#replacement = { run: this.#startRun(), formats: new Map() };
      for (const [name, { config }] of this.#outputs) {
        this.#replacement.run.start(name, config);
      }
    }
  }

  /** An output changes over with the first unit of the new run, which is a key frame: its viewers see no gap. */
  #takeOver(
    run: CameraRun,
    output: Output,
    report: Exclude<CameraReport, { type: 'failed' | 'still' | 'memory' }>,
  ): void {
    const replacement = this.#replacement;
    if (replacement?.run !== run) {
      return;
    }
    if (report.type === 'format') {
      replacement.formats.set(report.output, report.format);
    }
    const format = replacement.formats.get(report.output);
    if (report.type === 'unit' && format !== undefined) {
      output.run = run;
      output.sink.format(format);
      output.sink.unit(report.unit);
      this.#finishReplacing();
    }
  }

  #finishReplacing(): void {
    const next = this.#replacement?.run;
    if (next !== undefined && [...this.#outputs.values()].every(({ run }) => run === next)) {
      this.#end(this.#run);
      this.#run = next;
      this.#replacement = null;
    }
  }

  #runFailed(run: CameraRun, reason: string): void {
    const { log, delays } = this.#options;
    if (run === this.#replacement?.run) {
      log.warn({ reason }, 'the replacement failed; the old process goes on');
      this.#replacement = null;
      this.#end(run);
      for (const [name, output] of this.#outputs) {
        if (output.run === run) {
          this.#startOutput(this.#run, name, output);
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
    for (const { sink } of this.#outputs.values()) {
      sink.offline(reason);
    }
  }

  #stop(state: 'idle' | 'backoff' | 'stopped'): void {
    clearTimeout(this.#retry);
    this.#leaveQueue();
    this.#state = state;
    this.#end(this.#run);
    this.#end(this.#replacement?.run ?? null);
    this.#run = null;
    this.#replacement = null;
    for (const output of this.#outputs.values()) {
      output.run = null;
    }
  }

  #end(run: CameraRun | null): void {
    this.#gone = Promise.all([this.#gone, run?.end()]);
  }
}
