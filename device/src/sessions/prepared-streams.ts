import type { PreparedStream } from '../../../src/protocol/messages.ts';
import type { Takes } from '../streams/reading.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import type { Stream } from '../streams/stream.ts';

/** The streams that one viewer is about to want: warm for a time, and a limited number of them. */
export class PreparedStreams {
  readonly #streams: StreamRegistry;
  /** The ways to let them go, by name, in the order in which they were asked for. */
  readonly #releases = new Map<string, ReturnType<Stream['prepare']>>();
  readonly #most: number;

  /** @param most one more takes the place of the oldest one */
  constructor(streams: StreamRegistry, most: number) {
    this.#streams = streams;
    this.#most = most;
  }

  /**
   * A stream that is asked for again stays warm anew.
   * @param takes what the viewer can show
   */
  add(name: string, takes: Takes): PreparedStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) {
      return { stream: name, error: 'stream not found', code: 'stream-not-found' };
    }
    const before = this.#releases.get(name);
    this.#releases.delete(name);
    this.#releases.set(
      name,
      stream.prepare(takes, () => this.#releases.delete(name)),
    );
    // Only now, so that the stream goes on without a stop.
    before?.('at once');
    const [oldest = name] = this.#releases.keys();
    if (this.#releases.size > this.#most) {
      const isWatched = (this.#streams.get(oldest)?.readers ?? 0) > 0;
      isWatched ? this.#release(oldest, 'at once') : this.leave(oldest);
    }
    return { stream: name };
  }

  /** The viewer does not want a stream again soon: without other viewers it does not linger. */
  leave(name: string): void {
    const isAtRest = this.#streams.get(name)?.rest() ?? true;
    this.#release(name, isAtRest ? 'at once' : 'after lingering');
  }

  clear(): void {
    for (const release of this.#releases.values()) {
      release('after lingering');
    }
    this.#releases.clear();
  }

  #release(name: string, stop: 'after lingering' | 'at once'): void {
    this.#releases.get(name)?.(stop);
    this.#releases.delete(name);
  }
}
