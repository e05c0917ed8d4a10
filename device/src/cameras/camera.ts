import type { Logger } from 'pino';
import type { CoderLimits } from '../coder/messages.ts';
import type { OwnSource } from '../config/source.ts';
import { usualGop } from '../media/gop.ts';
import type { AudioSource, SourceHandle, StreamSink, StreamSource } from '../streams/stream-source.ts';
import { CameraAudio, type SoundOffers } from './camera-audio.ts';
import { type CameraOutput, CameraRun, type RunDelays } from './camera-run.ts';
import type { SourceReport, SourceTools } from './camera-source.ts';
import { type StartCoder, startCoder } from './coder-process.ts';
import { Departures } from './departures.ts';
import { OpenOutput } from './open-output.ts';
import type { StartQueue } from './start-queue.ts';

export type CameraState = 'idle' | 'starting' | 'running' | 'backoff' | 'stopped';

export interface Delays extends RunDelays {
  /** The first wait before a new process, in milliseconds; it doubles with each failure in a row. */
  retry: number;
  longestRetry: number;
  /** How long pictures have to come before a failure counts as the first again, in milliseconds. */
  steady: number;
}

export interface CameraOptions {
  log: Logger;
  queue: StartQueue;
  /** The limits of a run, read when it starts and when it is weighed; none by default. */
  limits?: () => CoderLimits;
  /** Starts the process in which FFmpeg runs; a test gives its own. */
  startCoder?: StartCoder;
  delays?: Delays;
}

const usualDelays: Delays = { retry: 1000, longestRetry: 30_000, opening: 15_000, silence: 5000, steady: 10_000 };
/** A camera that was mute may have been slow: each time it is given twice as long, up to this, in milliseconds. */
const longestSilence = 60_000;
/** Between two replacements for memory, in milliseconds: a camera may need more than the limit, and is to be left alone then. */
const patience = 600_000;

/**
 * One camera: it runs while one of its outputs is open, and starts anew with backoff when it fails, on the next of its
 * sources. Its outputs hear `offline` meanwhile; a fault goes no further.
 */
export class Camera {
  readonly name: string;
  readonly #sources: readonly OwnSource[];
  readonly #options: Required<CameraOptions>;
  readonly #outputs = new Map<string, OpenOutput>();
  readonly #audio = new CameraAudio(() => this.#tools());
  #lastOutput = 0;
  #state: CameraState = 'idle';
  #run: CameraRun | null = null;
  /** Takes the place of `#run`, whose memory has grown, as soon as all outputs have changed over. */
  #fresh: CameraRun | null = null;
  #replacedAt = Number.NEGATIVE_INFINITY;
  #source = 0;
  #failures = 0;
  #restarts = 0;
  #retry: NodeJS.Timeout | undefined;
  #leaveQueue = () => {};
  /** Runs of the past. */
  readonly #leaving = new Departures();

  /** @param sources at least one; the next is tried when one fails */
  constructor(name: string, sources: readonly OwnSource[], options: CameraOptions) {
    this.name = name;
    this.#sources = sources;
    this.#options = {
      limits: () => ({ pictureBytes: Number.POSITIVE_INFINITY, memoryBytes: Number.POSITIVE_INFINITY, gop: usualGop }),
      startCoder,
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

  /** Returns the output of this camera that a configured stream reads. */
  output(name: string, config: CameraOutput): StreamSource {
    const encodes =
      config.kind === 'encode' ||
      (config.kind === 'native' && this.#sources.every(({ output }) => output.kind === 'encode'));
    return { encodes, open: (sink) => this.#open(name, config, sink) };
  }

  /** Its sound, as a stream that is made of it offers it. */
  audio(offers: SoundOffers): AudioSource {
    return this.#audio.offer(offers);
  }

  /** Stops for good. Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#outputs.clear();
    this.#stop('stopped');
    await Promise.all([this.#leaving.allGone(), this.#audio.close()]);
  }

  #open(name: string, config: CameraOutput, sink: StreamSink): SourceHandle {
    const id = `${name}#${++this.#lastOutput}`;
    const output = new OpenOutput(id, name, config, sink, this.#options.log);
    this.#outputs.set(id, output);
    const run = this.#fresh ?? this.#run;
    if (this.#state === 'idle') {
      this.#launch();
    } else if (run !== null) {
      output.startOn(run);
    }
    return {
      requestKeyframe: () => output.run?.requestKeyframe(id),
      still: async (width) => {
        if (output.run === null) {
          throw new Error('the camera is not running');
        }
        return output.run.still(width);
      },
      close: () => this.#closeOutput(output),
    };
  }

  #closeOutput({ id, run }: OpenOutput): void {
    if (!this.#outputs.delete(id)) {
      return;
    }
    if (this.#outputs.size === 0) {
      this.#stop('idle');
    } else {
      run?.stop(id);
      this.#finishReplacement();
    }
  }

  #launch(): void {
    this.#state = 'starting';
    this.#leaveQueue = this.#options.queue.enter((leave) => {
      this.#leaveQueue = leave;
      this.#run = this.#startRun();
      this.#audio.follow(this.#run);
      this.#startOutputs(this.#run);
    });
  }

  #startRun(): CameraRun {
    return new CameraRun(this.#sources[this.#source] as OwnSource, this.#options.delays, this.#tools(), {
      report: (run, report) => this.#take(run, report),
      failed: (run, reason) => this.#runFailed(run, reason),
    });
  }

  #tools(): SourceTools {
    const { delays, startCoder } = this.#options;
    const limits = this.#options.limits();
    // Decoders are primed even where viewers are to wait for the next key frame.
    const gop = limits.gop.units > 0 ? limits.gop : usualGop;
    const silenceMs = Math.min(delays.silence * 2 ** this.#failures, longestSilence);
    return { limits: { ...limits, gop }, silenceMs, startCoder };
  }

  /** Outputs without a run get this one. */
  #startOutputs(run: CameraRun): void {
    for (const output of this.#outputs.values()) {
      if (output.run === null) {
        output.startOn(run);
      }
    }
  }

  #take(run: CameraRun, report: SourceReport): void {
    if (report.type === 'memory') {
      this.#weigh(run, report.bytes);
      return;
    }
    if (report.type === 'packets' || report.type === 'open') {
      this.#progress(run);
      return;
    }
    if (report.type === 'audio' || report.type === 'audio-format') {
      this.#audio.take(run, report);
      return;
    }
    const output = this.#outputs.get(report.output);
    if (output?.run !== run) {
      return;
    }
    // A camera that sends what no browser takes has started too, and holds up no other that waits in the queue.
    if (this.#state === 'starting' && report.type !== 'format' && report.type !== 'note') {
      this.#leaveQueue();
      this.#state = 'running';
      this.#options.log.info({ source: this.#source }, 'camera running');
    }
    output.take(report);
  }

  /** The camera is open, however long its first picture or key frame takes, and holds up no other in the queue. */
  #progress(run: CameraRun): void {
    if (run === this.#run) {
      this.#leaveQueue();
    }
    if (run.waitsForKeyframe) {
      for (const output of [...this.#outputs.values()].filter((output) => output.run === run)) {
        output.sink.sends();
      }
    }
  }

  /** The memory of FFmpeg's callers is known to grow: a fresh process takes over before the old one goes. */
  #weigh(run: CameraRun, bytes: number): void {
    const { log, limits } = this.#options;
    const limit = limits().memoryBytes;
    const now = performance.now();
    if (
      this.#state !== 'running' ||
      run !== this.#run ||
      this.#fresh !== null ||
      bytes <= limit ||
      now - this.#replacedAt < patience
    ) {
      return;
    }
    log.warn({ bytes, limit }, 'camera process too large; replacing it');
    this.#replacedAt = now;
    this.#restarts++;
    this.#fresh = this.#startRun();
    for (const output of [...this.#outputs.values()]) {
      output.sink.renew();
    }
    this.#finishReplacement();
  }

  /** Ends the run that has no outputs left, once there are two. */
  #finishReplacement(): void {
    if (this.#fresh === null) {
      return;
    }
    const runs = Array.from(this.#outputs.values(), ({ run }) => run);
    if (!runs.includes(this.#run)) {
      this.#end(this.#run);
      this.#run = this.#fresh;
      this.#fresh = null;
      this.#audio.follow(this.#run);
      this.#options.log.info('camera process replaced');
    } else if (!runs.includes(this.#fresh)) {
      this.#end(this.#fresh);
      this.#fresh = null;
    }
  }

  #runFailed(run: CameraRun, reason: string): void {
    const { log } = this.#options;
    const other = run === this.#fresh ? this.#run : this.#fresh;
    if (other === null) {
      this.#backOff(run, reason);
      return;
    }
    log.warn(
      { reason },
      run === this.#fresh ? 'the replacement failed; the old process goes on' : 'camera process failed',
    );
    this.#run = other;
    this.#fresh = null;
    this.#audio.follow(other);
    this.#end(run);
    this.#tellOffline(run, reason);
    // Those that stayed open have no other opening beside them.
    this.#startOutputs(other);
  }

  #backOff(run: CameraRun, reason: string): void {
    const { log, delays } = this.#options;
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
    this.#tellOffline(run, reason);
  }

  #tellOffline(run: CameraRun, reason: string): void {
    const outputs = Array.from(this.#outputs.values()).filter((output) => output.run === run);
    for (const output of outputs) {
      output.lose();
    }
    for (const output of outputs) {
      // One that was closed because of what another was told hears nothing more.
      if (this.#outputs.has(output.id)) {
        output.sink.offline(reason);
      }
    }
  }

  #stop(state: 'idle' | 'backoff' | 'stopped'): void {
    clearTimeout(this.#retry);
    this.#leaveQueue();
    this.#state = state;
    this.#end(this.#run);
    this.#end(this.#fresh);
    this.#run = null;
    this.#fresh = null;
    this.#audio.follow(null);
  }

  #end(run: CameraRun | null): void {
    if (run !== null) {
      this.#leaving.add(run.close());
    }
  }
}
