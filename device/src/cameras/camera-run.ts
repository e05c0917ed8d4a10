import type { CameraReport } from '../coder/messages.ts';
import type { OutputConfig } from '../config/output.ts';
import type { OwnSource } from '../config/source.ts';
import type { CameraProcess, StartProcess } from './camera-process.ts';

/** What a stream takes of its camera: `native` is what the source's own line says. */
export type CameraOutput = OutputConfig | { kind: 'native' };

export interface RunEvents {
  report(run: CameraRun, report: Exclude<CameraReport, { type: 'failed' | 'still' }>): void;
  /** The run is over, or of no use any more; told once. */
  failed(run: CameraRun, reason: string): void;
}

export interface RunDelays {
  /** From the process's start to the first picture, before it is given up, in milliseconds. */
  opening: number;
  /** Without a picture, before a camera counts as frozen. */
  silence: number;
}

/** One life of a camera's process: one source, from its opening until it fails or is no longer needed. */
export class CameraRun {
  readonly #source: OwnSource;
  readonly #delays: RunDelays;
  readonly #events: RunEvents;
  readonly #process: CameraProcess;
  readonly #stills = new Map<number, PromiseWithResolvers<Buffer>>();
  #nextStill = 0;
  #firstPictureAt: number | null = null;
  #watch: NodeJS.Timeout | undefined;
  #over = false;

  constructor(source: OwnSource, delays: RunDelays, start: StartProcess, events: RunEvents) {
    this.#source = source;
    this.#delays = delays;
    this.#events = events;
    this.#process = start({
      report: (report) => !this.#over && this.#take(report),
      gone: (reason) => this.#fail(reason),
    });
    this.#process.send({ type: 'open', source: source.source });
    this.#expectPicture(delays.opening);
  }

  /** How long pictures have been coming, in milliseconds; 0 before the first. */
  get age(): number {
    return this.#firstPictureAt === null ? 0 : performance.now() - this.#firstPictureAt;
  }

  start(output: string, config: CameraOutput): void {
    this.#process.send({ type: 'start', output, config: config.kind === 'native' ? this.#source.output : config });
  }

  stop(output: string): void {
    this.#process.send({ type: 'stop', output });
  }

  requestKeyframe(output: string): void {
    this.#process.send({ type: 'keyframe', output });
  }

  /**
   * The present picture as JPEG.
   * @param width pixels; undefined: the camera's own
   * @throws {Error} that says why there is none
   */
  still(width: number | undefined): Promise<Buffer> {
    const id = this.#nextStill++;
    const still = Promise.withResolvers<Buffer>();
    this.#stills.set(id, still);
    this.#process.send({ type: 'still', id, width });
    return still.promise;
  }

  /** Resolves when the process is gone. */
  end(): Promise<void> {
    this.#finish('the camera was stopped');
    return this.#process.stop();
  }

  #take(report: CameraReport): void {
    switch (report.type) {
      case 'failed':
        this.#fail(report.reason);
        return;
      case 'still':
        this.#takeStill(report);
        return;
      case 'unit':
        this.#firstPictureAt ??= performance.now();
        this.#expectPicture(this.#delays.silence);
        break;
      case 'refused':
      case 'unplayable':
        // The source is fine; whether another output still moves is seen when its next unit comes.
        this.#expectNothing();
        break;
    }
    this.#events.report(this, report);
  }

  #takeStill({ id, data, error }: Extract<CameraReport, { type: 'still' }>): void {
    const still = this.#stills.get(id);
    this.#stills.delete(id);
    if (data === undefined) {
      still?.reject(new Error(error));
    } else {
      still?.resolve(data);
    }
  }

  #expectPicture(within: number): void {
    this.#expectNothing();
    const watch = setTimeout(() => {
      // A device that stood still itself, as in a suspended machine, has yet to read what came meanwhile.
      setImmediate(() => this.#watch === watch && this.#fail(`no picture for ${within / 1000} s`));
    }, within);
    this.#watch = watch;
  }

  #expectNothing(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }

  #fail(reason: string): void {
    if (!this.#over) {
      this.#finish(reason);
      this.#events.failed(this, reason);
    }
  }

  #finish(reason: string): void {
    this.#over = true;
    this.#expectNothing();
    for (const still of this.#stills.values()) {
      still.reject(new Error(reason));
    }
    this.#stills.clear();
  }
}
