import type { AudioFormatReport } from '../coder/messages.ts';
import type { OutputConfig } from '../config/output.ts';
import type { SoundOffer } from '../config/sound.ts';
import type { OwnSource } from '../config/source.ts';
import { Patience } from '../media/patience.ts';
import type { OpenSource, SourceReport, SourceTools } from './camera-source.ts';
import { sourceKinds } from './sources.ts';

/** The output of a camera that a stream reads; `native` is the one that the source's own line describes. */
export type CameraOutput = OutputConfig | { kind: 'native' };

export interface RunEvents {
  report(run: CameraRun, report: SourceReport): void;
  /** The run is over, or of no use any more; told once. */
  failed(run: CameraRun, reason: string): void;
}

export interface RunDelays {
  /** From the start to the first picture, and from that to the second, before it is given up, in milliseconds. */
  opening: number;
  /** Without a picture, before a camera that is not slow counts as frozen, in milliseconds. */
  silence: number;
}

/** One life of a camera: one of its sources, from its opening until it fails or is no longer needed. */
export class CameraRun {
  readonly #native: OutputConfig;
  readonly #soundOffers: readonly SoundOffer[];
  readonly #delays: RunDelays;
  readonly #events: RunEvents;
  readonly #source: OpenSource;
  #patience: Patience;
  /** Time of the newest picture, in microseconds. */
  #newest = Number.NEGATIVE_INFINITY;
  #audioFormat: AudioFormatReport | null = null;
  #firstPictureAt: number | null = null;
  readonly #silenceMs: number;
  /** How far the source has come before its first picture. */
  #progress: 'nothing' | 'packets' | 'key frame' = 'nothing';
  /** How long the next picture is waited for, and when (`performance.now()`) that is over: infinite while none is expected. */
  #within = 0;
  #overdueAt = Number.POSITIVE_INFINITY;
  /** Looks whether it is overdue. */
  #watch: NodeJS.Timeout | undefined;
  #watchEndsAt = Number.POSITIVE_INFINITY;
  #isOver = false;

  constructor({ source, output }: OwnSource, delays: RunDelays, tools: SourceTools, events: RunEvents) {
    this.#native = output;
    this.#soundOffers = ('sound' in source && source.sound) || ['copy'];
    this.#delays = delays;
    this.#events = events;
    this.#silenceMs = tools.silenceMs;
    this.#patience = new Patience(delays.silence, delays.opening);
    this.#source = sourceKinds[source.kind](source, tools, {
      report: (report) => this.#take(report),
      failed: (reason) => this.#fail(reason),
    });
    this.#expectPicture(delays.opening);
  }

  /** The source's last word on it; null before the first. */
  get audioFormat(): AudioFormatReport | null {
    return this.#audioFormat;
  }

  /** The forms in which the configuration offers the source's sound. */
  get soundOffers(): readonly SoundOffer[] {
    return this.#soundOffers;
  }

  /** How long pictures have been coming, in milliseconds; 0 before the first. */
  get age(): number {
    return this.#firstPictureAt === null ? 0 : performance.now() - this.#firstPictureAt;
  }

  /** Packets come, and there has been no key frame yet: some cameras send one a minute. */
  get waitsForKeyframe(): boolean {
    return this.#progress === 'packets';
  }

  start(output: string, config: CameraOutput): void {
    this.#source.start(output, config.kind === 'native' ? this.#native : config);
  }

  stop(output: string): void {
    this.#source.stop(output);
  }

  requestKeyframe(output: string): void {
    this.#source.requestKeyframe(output);
  }

  /** Whether the sound is wanted from now on. */
  listen(isHeard: boolean): void {
    this.#source.listen(isHeard);
  }

  /**
   * The present picture as JPEG.
   * @param width pixels; undefined: the camera's own
   * @throws {Error} that says why there is none
   */
  still(width: number | undefined): Promise<Buffer> {
    return this.#source.still(width);
  }

  /** Resolves when nothing of it is left. */
  close(): Promise<void> {
    this.#isOver = true;
    this.#expectNothing();
    return this.#source.close();
  }

  #take(report: SourceReport): void {
    if (this.#isOver) {
      return;
    }
    switch (report.type) {
      case 'unit':
        this.#firstPictureAt ??= performance.now();
        // The same picture comes once for each output, and again to an output that joins.
        if (report.unit.timestamp > this.#newest) {
          this.#newest = report.unit.timestamp;
          this.#patience.came(performance.now());
        }
        this.#expectPicture(this.#patience.ms);
        break;
      case 'open':
        this.#expectPicture(Math.max(this.#delays.opening, 2 * this.#silenceMs));
        break;
      case 'packets':
        this.#progress = report.hasKeyframe ? 'key frame' : 'packets';
        if (report.hasKeyframe) {
          // The packets before it say nothing of the pace of pictures: some of them are parts of this one.
          this.#patience = new Patience(this.#delays.silence, this.#delays.opening);
          // A decoder may want the next picture first, and a busy machine starts coders slowly.
          this.#expectPicture(this.#delays.opening);
        } else {
          this.#patience.came(performance.now());
          this.#expectPicture(this.#patience.ms);
        }
        break;
      case 'audio-format':
        this.#audioFormat = report;
        break;
      case 'refused':
      case 'unplayable':
        // The source is fine; whether another output still moves is seen when its next unit comes.
        this.#expectNothing();
        break;
    }
    this.#events.report(this, report);
  }

  /** Each picture puts it off. That costs no timer: the watch that is set already looks, and goes on for the rest. */
  #expectPicture(within: number): void {
    this.#within = within;
    this.#overdueAt = performance.now() + within;
    if (this.#overdueAt < this.#watchEndsAt) {
      this.#watchFor(within);
    }
  }

  #watchFor(milliseconds: number): void {
    clearTimeout(this.#watch);
    this.#watchEndsAt = performance.now() + milliseconds;
    // A device that stood still itself, as in a suspended machine, has yet to read what came meanwhile.
    this.#watch = setTimeout(() => setImmediate(() => this.#look()), milliseconds);
  }

  #look(): void {
    const left = this.#overdueAt - performance.now();
    if (left <= 0) {
      this.#fail(this.#explainSilence());
    } else if (left !== Number.POSITIVE_INFINITY) {
      this.#watchFor(left);
    }
  }

  #explainSilence(): string {
    const isUndecodable = this.#progress === 'key frame' && this.#firstPictureAt === null;
    return `${isUndecodable ? "the camera's video cannot be decoded: " : ''}no picture for ${Math.round(this.#within / 1000)} s`;
  }

  #expectNothing(): void {
    this.#overdueAt = Number.POSITIVE_INFINITY;
    clearTimeout(this.#watch);
    this.#watchEndsAt = Number.POSITIVE_INFINITY;
  }

  #fail(reason: string): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#expectNothing();
      this.#events.failed(this, reason);
    }
  }
}
