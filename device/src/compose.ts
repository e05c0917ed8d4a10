import type { Logger } from 'pino';
import { Camera } from './cameras/camera.ts';
import { StartQueue } from './cameras/start-queue.ts';
import type { Config } from './config/config.ts';
import { rootOf } from './config/variants.ts';
import { Stream } from './streams/stream.ts';

export interface Composition {
  /** By the name of the stream whose source it is. */
  cameras: Map<string, Camera>;
  streams: Stream[];
}

/** Every stream with sources of its own is a camera; every stream is one of a camera's outputs. */
export function compose(config: Config, log: Logger): Composition {
  const byName = new Map(config.streams.map((stream) => [stream.name, stream]));
  const cameras = new Map<string, Camera>();
  const queue = new StartQueue();
  for (const { name, input } of config.streams) {
    if (input.kind === 'own') {
      cameras.set(name, new Camera(name, input.sources, { log, queue }));
    }
  }
  const streams = config.streams.map((stream) => {
    const { name, input, linger = config.multistream.linger, preload } = stream;
    const camera = cameras.get(rootOf(byName, stream).name) as Camera;
    return new Stream(name, camera.output(name, input.kind === 'own' ? { kind: 'native' } : input.output), {
      linger,
      preload,
      gop: config.multistream.gop,
    });
  });
  return { cameras, streams };
}
