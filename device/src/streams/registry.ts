import type { Stream } from './stream.ts';

/** The configured streams by name. What the configuration does not have, no client can name. */
export class StreamRegistry {
  readonly #streams: ReadonlyMap<string, Stream>;

  constructor(streams: Iterable<Stream>) {
    this.#streams = new Map(Array.from(streams, (stream) => [stream.name, stream]));
  }

  get(name: string): Stream | undefined {
    return this.#streams.get(name);
  }

  [Symbol.iterator](): IterableIterator<Stream> {
    return this.#streams.values();
  }

  close(): void {
    for (const stream of this) {
      stream.close();
    }
  }
}
