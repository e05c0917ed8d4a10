import type { StreamRegistry } from '../streams/registry.ts';
import type { Stream } from '../streams/stream.ts';
import { nextCeiling, stepsBelow, under } from './ladder.ts';

/** The lines that a viewer's link carries in one slot: smaller variants are sent while it is low. */
export class Ceiling {
  readonly #streams: StreamRegistry;
  #lines = Number.POSITIVE_INFINITY;

  constructor(streams: StreamRegistry) {
    this.#streams = streams;
  }

  /** The stream to send where this one is asked for, which exists. */
  under(asked: string): Stream {
    return this.#streams.get(under(this.#streams, asked, this.#lines)) as Stream;
  }

  hasBelow(name: string): boolean {
    return stepsBelow(this.#streams, name).length > 0;
  }

  /** One step from what is sent now; never above what is asked for. */
  move(direction: 'down' | 'up', asked: string, present: string): void {
    this.#lines = nextCeiling(this.#streams, asked, present, direction);
  }
}
