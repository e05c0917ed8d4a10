import type { Stream } from './stream.ts';

/** The configured streams by name. What the configuration does not have, no client can name. */
export class StreamRegistry {
  #streams: Map<string, Stream>;
  #maySee: (name: string) => boolean = () => true;

  constructor(streams: Iterable<Stream>) {
    this.#streams = new Map(Array.from(streams, (stream) => [stream.name, stream]));
  }

  /** The same streams, less those that this client may not see: it is as if they were not there. */
  seenBy(maySee: (name: string) => boolean): StreamRegistry {
    const view = new StreamRegistry([]);
    view.#streams = this.#streams;
    view.#maySee = maySee;
    return view;
  }

  get(name: string): Stream | undefined {
    const stream = this.#streams.get(name);
    return stream !== undefined && this.#maySee(name) ? stream : undefined;
  }

  *[Symbol.iterator](): IterableIterator<Stream> {
    for (const stream of this.#streams.values()) {
      if (this.#maySee(stream.name)) {
        yield stream;
      }
    }
  }

  /** From now on there are these, and no others. */
  replace(streams: Iterable<Stream>): void {
    this.#streams.clear();
    for (const stream of streams) {
      this.#streams.set(stream.name, stream);
    }
  }

  close(): void {
    for (const stream of this) {
      stream.close();
    }
  }
}
