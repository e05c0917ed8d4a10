import { durationOf } from '../media/audio-duration.ts';
import type { AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import { type EncodedFormat, type EncodedSound, encodedFormat } from '../media/encoded-sound.ts';
import type { SourceTools } from './camera-source.ts';
import { Departures } from './departures.ts';
import { SoundCoder } from './sound-coder.ts';

/** Milliseconds that a coder waits for another listener: a process for each of fifty wishes a second would take the machine. */
const lingerMs = 5000;
/**
 * Frames wait for a coder that starts. It has caught up once it is behind the camera by no more than a frame of the camera's and so
 * much (ms); what it makes before would be heard late, and all that follows with it. So long (ms) after its first frame a coder that
 * still lags is as fast as this machine lets it be.
 */
const usualLagMs = 40;
const catchingUpMs = 1000;
/** Milliseconds after which a coder that failed is tried again, while there is a listener for it. */
const retryMs = 10_000;

interface Events {
  unit(unit: AudioUnit): void;
  /** The coder has failed, or may be tried again, or has lingered for long enough. */
  changed(change: 'failed' | 'again' | 'over'): void;
}

/** One sound of a camera in one other codec: encoded once for all of its listeners, while there are any. */
export class SoundEncoding {
  readonly format: EncodedFormat;
  readonly #source: AudioFormat;
  readonly #tools: () => SourceTools;
  readonly #events: Events;
  #coder: SoundCoder | null = null;
  /** When the coder's first frame came: milliseconds; null before it. */
  #firstAt: number | null = null;
  #hasCaughtUp = false;
  /** The newest frame that the coder was given: how long it lasts, and when it ends, in seconds of the camera's count. */
  #fed = { duration: 0, end: 0 };
  /** Ends a coder that has no listeners. */
  #lingering: NodeJS.Timeout | undefined;
  #failure = '';
  #retry: NodeJS.Timeout | undefined;
  readonly #leaving = new Departures();

  /** @param source the camera's format @param tools to start a coder with */
  constructor(codec: EncodedSound, source: AudioFormat, tools: () => SourceTools, events: Events) {
    this.format = encodedFormat(codec, source);
    this.#source = source;
    this.#tools = tools;
    this.#events = events;
  }

  /** Why its coder failed; empty as long as it may be started. */
  get failure(): string {
    return this.#failure;
  }

  /** It needs the camera's sound. */
  get isFed(): boolean {
    return this.#coder !== null;
  }

  want(isWanted: boolean): void {
    if (!isWanted) {
      // Fed meanwhile, so that it goes on without a gap.
      this.#lingering ??= this.#coder === null ? undefined : setTimeout(() => this.#end('over'), lingerMs).unref();
      return;
    }
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    if (this.#coder === null && this.#failure === '') {
      this.#firstAt = null;
      this.#hasCaughtUp = false;
      const coder = new SoundCoder({ format: this.#source, target: this.format }, this.#tools(), {
        unit: (unit) => coder === this.#coder && this.#catchesUp(unit) && this.#events.unit(unit),
        failed: (reason) => coder === this.#coder && this.#failed(reason),
      });
      this.#coder = coder;
    }
  }

  feed(unit: AudioUnit): void {
    if (this.#coder !== null) {
      this.#fed = spanOf(unit, this.#source);
      this.#coder.feed(unit);
    }
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    this.#end();
    await this.#leaving.allGone();
  }

  /** @returns whether a frame is as new as one can be, or has been before */
  #catchesUp(unit: AudioUnit): boolean {
    const now = performance.now();
    this.#firstAt ??= now;
    const lagMs = 1000 * (this.#fed.end - spanOf(unit, this.format).end - this.#fed.duration);
    this.#hasCaughtUp ||= lagMs <= usualLagMs || now - this.#firstAt > catchingUpMs;
    return this.#hasCaughtUp;
  }

  #failed(reason: string): void {
    this.#failure = reason;
    this.#retry = setTimeout(() => {
      this.#failure = '';
      this.#events.changed('again');
    }, retryMs).unref();
    this.#end('failed');
  }

  #end(change?: 'failed' | 'over'): void {
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    if (this.#coder !== null) {
      this.#leaving.add(this.#coder.close());
      this.#coder = null;
      change && this.#events.changed(change);
    }
  }
}

/** A coder keeps the camera's time. */
function spanOf({ ticks, data }: AudioUnit, format: AudioFormat): { duration: number; end: number } {
  const duration = durationOf(data, format);
  return { duration: duration / format.clockRate, end: (ticks + duration) / format.clockRate };
}
