import type { Logger } from 'pino';
import type { CameraReport } from '../coder/messages.ts';
import type { StreamSink } from '../streams/stream-source.ts';
import type { CameraOutput, CameraRun } from './camera-run.ts';

/** What a process says of one of its outputs. */
export type OutputReport = Extract<CameraReport, { output: string }>;

/** An output of a camera that somebody reads, whatever processes follow each other behind it. */
export class OpenOutput {
  /** Of this output alone: while a stream goes over to another form, there are two of its name. */
  readonly id: string;
  readonly #name: string;
  readonly #config: CameraOutput;
  readonly #sink: StreamSink;
  readonly #log: Logger;
  #run: CameraRun | null = null;

  constructor(id: string, name: string, config: CameraOutput, sink: StreamSink, log: Logger) {
    this.id = id;
    this.#name = name;
    this.#config = config;
    this.#sink = sink;
    this.#log = log;
  }

  /** Asks a process for this output, and shows what comes of another one until `show`. */
  startOn(run: CameraRun): void {
    run.start(this.id, this.#config);
  }

  /** From now on this run is shown; null: none. */
  show(run: CameraRun | null): void {
    this.#run = run;
  }

  shows(run: CameraRun | null): boolean {
    return this.#run === run;
  }

  requestKeyframe(): void {
    this.#run?.requestKeyframe(this.id);
  }

  offline(reason: string): void {
    this.#sink.offline(reason);
  }

  /** A report of the run that is shown. */
  take(report: OutputReport): void {
    switch (report.type) {
      case 'unit':
        this.#sink.unit(report.unit);
        break;
      case 'format':
        this.#sink.format(report.format);
        break;
      case 'refused':
        this.#log.warn({ stream: this.#name, reason: report.reason }, 'stream refused');
        this.#sink.offline(report.reason);
        break;
      case 'unplayable':
        this.#log.info(
          { stream: this.#name },
          `is transcoded where that is allowed: the camera's video ${report.reason}`,
        );
        this.#sink.unplayable(report.reason);
        break;
      case 'note':
        this.#log.info({ stream: this.#name }, report.text);
        break;
    }
  }
}
