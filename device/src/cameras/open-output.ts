import type { Logger } from 'pino';
import type { StreamSink } from '../streams/stream-source.ts';
import type { CameraOutput, CameraRun } from './camera-run.ts';
import type { SourceReport } from './camera-source.ts';

/** A report of a source about one of its outputs. */
export type OutputReport = Extract<SourceReport, { output: string }>;

/** An output of a camera that is open, on one run of the camera after the other. */
export class OpenOutput {
  /** Unlike the stream's name, of this opening alone: while a stream changes over to another source it has two. */
  readonly id: string;
  readonly sink: StreamSink;
  readonly #name: string;
  readonly #config: CameraOutput;
  readonly #log: Logger;
  #run: CameraRun | null = null;

  constructor(id: string, name: string, config: CameraOutput, sink: StreamSink, log: Logger) {
    this.id = id;
    this.sink = sink;
    this.#name = name;
    this.#config = config;
    this.#log = log;
  }

  /** The run that it comes from; null while the camera has none. */
  get run(): CameraRun | null {
    return this.#run;
  }

  startOn(run: CameraRun): void {
    this.#run = run;
    run.start(this.id, this.#config);
    if (run.waitsForKeyframe) {
      this.sink.sends();
    }
  }

  /** Its run is over. */
  lose(): void {
    this.#run = null;
  }

  take(report: OutputReport): void {
    switch (report.type) {
      case 'unit':
        this.sink.unit(report.unit);
        break;
      case 'format':
        this.sink.format(report.format);
        break;
      case 'refused':
        this.#log.warn({ stream: this.#name, reason: report.reason }, 'stream refused');
        this.sink.offline(report.reason);
        break;
      case 'unplayable':
        this.#log.info(
          { stream: this.#name },
          `is transcoded where that is allowed: the camera's video ${report.reason}`,
        );
        this.sink.unplayable(report.reason);
        break;
      case 'note':
        this.#log.info({ stream: this.#name }, report.text);
        break;
    }
  }
}
