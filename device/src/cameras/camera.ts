import type { Logger } from 'pino';
import type { StreamFeed, StreamSink, StreamSource } from '../streams/stream-source.ts';
import { type CameraProcess, type StartProcess, startProcess } from './camera-process.ts';
import type { CameraReport, OutputConfig, SourceConfig } from './messages.ts';

export type CameraState = 'idle' | 'starting' | 'running' | 'backoff' | 'stopped';

export interface CameraOptions {
  log: Logger;
  /** The process that reads the source; a test gives its own. */
  start?: StartProcess;
  /** Milliseconds. */
  delays?: Delays;
}

export interface Delays {
  /** The first wait before a new process; it doubles with each failure in a row. */
  retry: number;
  longestRetry: number;
  /** From the process's start to the first picture, before it is given up. */
  opening: number;
  /** Without a picture, before a camera counts as frozen. */
  silence: number;
  /** Of pictures, before a failure counts as the first again. */
  steady: number;
}

const usualDelays: Delays = { retry: 1000, longestRetry: 30_000, opening: 15_000, silence: 5000, steady: 10_000 };

interface Output {
  config: OutputConfig;
  sink: StreamSink;
}

/**
 * One camera: a process of its own while anyone wants one of its outputs, a new one with backoff when that dies.
 * Its outputs hear `offline` meanwhile, and no one else hears anything.
 */
export class Camera {
  readonly name: string;
  readonly #source: SourceConfig;
  readonly #start: StartProcess;
  readonly #delays: Delays;
  readonly #log: Logger;
  readonly #outputs = new Map<string, Output>();
  #state: CameraState = 'idle';
  #process: CameraProcess | null = null;
  #failures = 0;
  #runningSince = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Settled when every process of the past is gone. */
  #gone: Promise<unknown> = Promise.resolve();

  constructor(name: string, source: SourceConfig, { log, start = startProcess, delays = usualDelays }: CameraOptions) {
    this.name = name;
    this.#source = source;
    this.#start = start;
    this.#delays = delays;
    this.#log = log.child({ camera: name });
  }

  get state(): CameraState {
    return this.#state;
  }

  /** What one configured stream makes of this camera, as a source for it. */
  output(name: string, config: OutputConfig): StreamSource {
    return { open: (sink) => this.#open(name, { config, sink }) };
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
      this.#process?.send({ type: 'start', output: name, config: output.config });
    }
    return {
      requestKeyframe: () => this.#process?.send({ type: 'keyframe', output: name }),
      close: () => this.#closeOutput(name),
    };
  }

  #closeOutput(name: string): void {
    if (!this.#outputs.delete(name)) {
      return;
    }
    if (this.#outputs.size === 0) {
      this.#stop('idle');
    } else {
      this.#process?.send({ type: 'stop', output: name });
    }
  }

  #launch(): void {
    this.#state = 'starting';
    const process = this.#start({
      report: (report) => this.#process === process && this.#take(report),
      gone: (reason) => this.#process === process && this.#fail(reason),
    });
    this.#process = process;
    process.send({ type: 'open', source: this.#source });
    for (const [output, { config }] of this.#outputs) {
      process.send({ type: 'start', output, config });
    }
    this.#expectPicture(this.#delays.opening);
  }

  #take(report: CameraReport): void {
    switch (report.type) {
      case 'unit':
        if (this.#state === 'starting') {
          this.#state = 'running';
          this.#runningSince = performance.now();
          this.#log.info('camera running');
        }
        this.#expectPicture(this.#delays.silence);
        this.#outputs.get(report.output)?.sink.unit(report.unit);
        break;
      case 'format':
        this.#outputs.get(report.output)?.sink.format(report.format);
        break;
      case 'refused':
        this.#log.warn({ output: report.output, reason: report.reason }, 'stream refused');
        this.#outputs.get(report.output)?.sink.offline(report.reason);
        this.#expectPicture(Number.POSITIVE_INFINITY);
        break;
      case 'failed':
        this.#fail(report.reason);
        break;
    }
  }

  #expectPicture(within: number): void {
    clearTimeout(this.#timer);
    if (Number.isFinite(within)) {
      this.#timer = setTimeout(() => this.#fail(`no picture for ${within / 1000} s`), within);
    }
  }

  #fail(reason: string): void {
    const steady = this.#state === 'running' && performance.now() - this.#runningSince >= this.#delays.steady;
    this.#failures = steady ? 0 : this.#failures;
    const longest = Math.min(this.#delays.retry * 2 ** this.#failures++, this.#delays.longestRetry);
    // Jitter: cameras behind one switch that failed together do not all come back together.
    const wait = longest * (0.75 + Math.random() / 4);
    this.#log.warn({ reason, retry_in_ms: Math.round(wait) }, 'camera offline');
    this.#stop('backoff');
    this.#timer = setTimeout(() => this.#launch(), wait);
    for (const { sink } of this.#outputs.values()) {
      sink.offline(reason);
    }
  }

  #stop(state: 'idle' | 'backoff' | 'stopped'): void {
    clearTimeout(this.#timer);
    this.#state = state;
    this.#gone = Promise.all([this.#gone, this.#process?.stop()]);
    this.#process = null;
  }
}
