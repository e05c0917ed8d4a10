import type { AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import { type EncodedFormat, type EncodedSound, encodedFormat } from '../media/encoded-sound.ts';
import type { SourceTools } from './camera-source.ts';
import { SoundCoder } from './sound-coder.ts';

/** Milliseconds that a coder waits for another listener: a process for each of fifty wishes a second would take the machine. */
const lingerMs = 5000;
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
  #begunAt = 0;
  /** Ends a coder that has no listeners. */
  #lingering: NodeJS.Timeout | undefined;
  #failure = '';
  #retry: NodeJS.Timeout | undefined;
  #gone: Promise<unknown> = Promise.resolve();

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

  /** Milliseconds since the coder was started. */
  get age(): number {
    return performance.now() - this.#begunAt;
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
      this.#begunAt = performance.now();
      const coder = new SoundCoder({ format: this.#source, target: this.format }, this.#tools(), {
        unit: (unit) => coder === this.#coder && this.#events.unit(unit),
        failed: (reason) => coder === this.#coder && this.#failed(reason),
      });
      this.#coder = coder;
    }
  }

  feed(unit: AudioUnit): void {
    this.#coder?.feed(unit);
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    this.#end();
    await this.#gone;
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
      this.#gone = Promise.all([this.#gone, this.#coder.close()]);
      this.#coder = null;
      change && this.#events.changed(change);
    }
  }
}
