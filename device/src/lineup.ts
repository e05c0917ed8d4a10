import type { Logger } from 'pino';
import { Camera } from './cameras/camera.ts';
import { StartQueue } from './cameras/start-queue.ts';
import type { Config, StreamConfig } from './config/config.ts';
import { rootOf } from './config/variants.ts';
import { StreamRegistry } from './streams/registry.ts';
import { Stream } from './streams/stream.ts';

/** What a new configuration made of the streams, by name. */
export interface LineupChange {
  added: string[];
  changed: string[];
  removed: string[];
}

/** Something that was made from a part of the configuration, with that part as text: what is equal need not be made anew. */
interface Made<T> {
  made: T;
  from: string;
}

/**
 * The configured streams and the cameras behind them. Every stream with sources of its own is a camera; every stream is
 * one of a camera's outputs.
 */
export class Lineup {
  readonly streams = new StreamRegistry([]);
  readonly #log: Logger;
  readonly #queue = new StartQueue();
  /** By the name of the stream whose sources it has. */
  #cameras = new Map<string, Made<Camera>>();
  #streams = new Map<string, Made<Stream>>();
  /** Settled when the cameras of former configurations are gone. */
  #gone: Promise<unknown> = Promise.resolve();

  constructor(config: Config, log: Logger) {
    this.#log = log;
    this.apply(config);
  }

  get cameras(): readonly Camera[] {
    return Array.from(this.#cameras.values(), ({ made }) => made);
  }

  /** The camera with the source of this stream. */
  camera(name: string): Camera | undefined {
    return this.#cameras.get(name)?.made;
  }

  /**
   * What is as it was plays on. Who watches a changed stream goes on with the new one; who watches one that is gone is
   * told so.
   */
  apply(config: Config): LineupChange {
    const byName = new Map(config.streams.map((stream) => [stream.name, stream]));
    const removed = [...this.#streams.keys()].filter((name) => !byName.has(name));
    for (const name of removed) {
      this.#streams.get(name)?.made.remove();
    }
    const kept = this.#applyCameras(config.streams);
    const change: LineupChange = { added: [], changed: [], removed };
    this.#streams = new Map(
      config.streams.map((stream) => {
        const root = rootOf(byName, stream).name;
        const present = this.#streams.get(stream.name);
        const { linger = config.multistream.linger, preload, input } = stream;
        const { gop } = config.multistream;
        const from = JSON.stringify([root, input.kind === 'own' ? null : input.output, linger, preload, gop]);
        if (present?.from === from && kept.has(root)) {
          return [stream.name, present];
        }
        const output = input.kind === 'own' ? ({ kind: 'native' } as const) : input.output;
        const source = (this.camera(root) as Camera).output(stream.name, output);
        if (present === undefined) {
          change.added.push(stream.name);
          return [stream.name, { made: new Stream(stream.name, source, { linger, preload, gop }), from }];
        }
        change.changed.push(stream.name);
        present.made.replace(source, { linger, preload, gop });
        return [stream.name, { made: present.made, from }];
      }),
    );
    this.streams.replace(Array.from(this.#streams.values(), ({ made }) => made));
    return change;
  }

  /** Resolves when every process is gone. */
  async close(): Promise<void> {
    this.streams.close();
    this.#end(this.cameras);
    await this.#gone;
  }

  /** @returns the names of those that go on */
  #applyCameras(streams: readonly StreamConfig[]): ReadonlySet<string> {
    const before = this.#cameras;
    const kept = new Set<string>();
    this.#cameras = new Map();
    for (const { name, input } of streams) {
      if (input.kind === 'own') {
        const from = JSON.stringify(input.sources);
        const present = before.get(name);
        if (present?.from === from) {
          kept.add(name);
        }
        this.#cameras.set(
          name,
          present?.from === from
            ? present
            : { made: new Camera(name, input.sources, { log: this.#log, queue: this.#queue }), from },
        );
      }
    }
    this.#end([...before].filter(([name]) => !kept.has(name)).map(([, { made }]) => made));
    return kept;
  }

  #end(cameras: readonly Camera[]): void {
    this.#gone = Promise.all([this.#gone, ...cameras.map((camera) => camera.close())]);
  }
}
