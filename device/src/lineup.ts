import type { Logger } from 'pino';
import { Camera } from './cameras/camera.ts';
import { CoderPool } from './cameras/coder-pool.ts';
import { StartQueue } from './cameras/start-queue.ts';
import type { Config, StreamConfig } from './config/config.ts';
import type { OwnSource } from './config/source.ts';
import { rootOf } from './config/streams.ts';
import { StreamRegistry } from './streams/registry.ts';
import { Stream, type StreamSources } from './streams/stream.ts';
import type { StreamSource } from './streams/stream-source.ts';

/** The names of the streams that a new configuration added, changed and removed. */
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
  readonly #coders = new CoderPool();
  #config: Config;
  /** By the name of the stream whose sources it has. */
  #cameras = new Map<string, Made<Camera>>();
  #streams = new Map<string, Made<Stream>>();
  /** Cameras of former configurations, which end when their streams have changed over to the new ones. */
  #former: Camera[] = [];

  constructor(config: Config, log: Logger) {
    this.#log = log;
    this.#config = config;
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
   * Streams that are as they were play on. Readers of a changed stream keep its old pictures until the new ones are there;
   * readers of a removed one are told so. They are told when the new line-up holds, since they may ask for another stream.
   */
  apply(config: Config): LineupChange {
    const { streams, multistream } = config;
    this.#config = config;
    this.#coders.prepare(streams.some(needsCoder));
    const byName = new Map(streams.map((stream) => [stream.name, stream]));
    const before = { cameras: this.#cameras, streams: this.#streams };
    const kept = this.#applyCameras(streams);
    const change: LineupChange = { added: [], changed: [], removed: [] };
    const news: (() => void)[] = [];
    this.#streams = new Map(
      streams.map((stream) => {
        const root = rootOf(byName, stream).name;
        const present = before.streams.get(stream.name);
        const { linger = multistream.linger, preload, input, transcode, encoded, sound = ['copy'] } = stream;
        const options = { linger, preload, gop: multistream.gop };
        const from = JSON.stringify([root, input.kind === 'own' ? null : input, transcode, encoded, sound, options]);
        if (present?.from === from && (kept.has(root) || input.kind === 'unsupported')) {
          return [stream.name, present];
        }
        const camera = this.camera(root);
        const sources = sourcesOf(stream, camera);
        const audio = camera?.audio({ offers: sound, transcode });
        if (present === undefined) {
          change.added.push(stream.name);
          return [stream.name, { made: new Stream(stream.name, sources, options, audio), from }];
        }
        change.changed.push(stream.name);
        news.push(() => present.made.replace(sources, options, audio));
        return [stream.name, { made: present.made, from }];
      }),
    );
    this.streams.replace(Array.from(this.#streams.values(), ({ made }) => made));
    for (const [name, { made }] of before.streams) {
      if (!byName.has(name)) {
        change.removed.push(name);
        news.push(() => made.remove());
      }
    }
    for (const tell of news) {
      tell();
    }
    const replaced = [...before.cameras].filter(([name]) => !kept.has(name)).map(([, { made }]) => made);
    this.#former = [...this.#former, ...replaced].filter(({ state }) => state !== 'idle');
    return change;
  }

  /** Keeps streams warm for as long as they would linger. A name that the configuration no longer has does nothing. */
  warm(names: readonly string[]): void {
    for (const name of names) {
      this.streams.get(name)?.prepare(
        () => true,
        () => {},
      );
    }
  }

  /** Resolves when every process is gone. */
  async close(): Promise<void> {
    this.streams.close();
    await Promise.all([this.#coders, ...this.cameras, ...this.#former].map((one) => one.close()));
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
          present?.from === from ? present : { made: this.#createCamera(name, input.sources), from },
        );
      }
    }
    return kept;
  }

  #createCamera(name: string, sources: readonly OwnSource[]): Camera {
    const limits = () => {
      const { pictureMaxBytes, cameraMaxBytes, gop } = this.#config.multistream;
      return { pictureBytes: pictureMaxBytes, memoryBytes: cameraMaxBytes, gop };
    };
    return new Camera(name, sources, { log: this.#log, queue: this.#queue, startCoder: this.#coders.start, limits });
  }
}

/**
 * The forms in which a stream offers its pictures: as they come, and encoded for those who cannot take that.
 * @param camera undefined where no source of the stream can be opened
 */
function sourcesOf(
  { name, input, transcode, encoded = { kind: 'encode' } }: StreamConfig,
  camera: Camera | undefined,
): StreamSources {
  if (input.kind === 'unsupported' || camera === undefined) {
    return [offlineSource(input.kind === 'unsupported' ? input.reason : 'the stream has no camera')];
  }
  const native = camera.output(name, input.kind === 'own' ? { kind: 'native' } : input.output);
  const outputs = input.kind === 'own' ? input.sources.map(({ output }) => output) : [input.output];
  const mayNotFit = outputs.some(({ kind }) => kind === 'copy');
  return transcode && mayNotFit ? [native, camera.output(name, encoded)] : [native];
}

/** Whether the stream is, for all that is known before its camera sends, made by FFmpeg. */
function needsCoder({ input }: StreamConfig): boolean {
  switch (input.kind) {
    case 'unsupported':
      return false;
    case 'own':
      return input.sources.some(({ source, output }) => source.kind !== 'rtsp' || output.kind === 'encode');
    default:
      return input.output.kind === 'encode';
  }
}

/** A source that is offline for as long as the configuration is this one. */
function offlineSource(reason: string): StreamSource {
  return {
    open: (sink) => {
      sink.offline(reason);
      return { requestKeyframe() {}, still: () => Promise.reject(new Error(reason)), close() {} };
    },
  };
}
