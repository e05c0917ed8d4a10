import type { FastifyInstance } from 'fastify';
import type { StreamConfig } from '../config/config.ts';
import type { StreamRegistry } from '../streams/registry.ts';

/** `GET /api/streams`: go2rtc's object by stream name, with what a wall wants to know beside it; `?src=NAME`: one alone. */
export function serveStreams(
  app: FastifyInstance,
  streams: StreamRegistry,
  configs: () => readonly StreamConfig[],
): void {
  app.get('/api/streams', async ({ viewer, query }, reply) => {
    const seen = configs().filter(({ name }) => viewer.maySee(name));
    const { src } = query as { src?: unknown };
    if (src === undefined) {
      return Object.fromEntries(seen.map((config) => [config.name, describe(config, streams, seen)]));
    }
    const one = seen.find(({ name }) => name === src);
    return one === undefined ? reply.code(404).send({ error: 'stream not found' }) : describe(one, streams, seen);
  });
}

function describe({ name, input }: StreamConfig, streams: StreamRegistry, seen: readonly StreamConfig[]) {
  const stream = streams.get(name);
  const { codec, width, height } = stream?.format ?? {};
  const viewers = stream?.readers ?? 0;
  return {
    // The kind and no more: a source's address may hold a password.
    producers: (input.kind === 'own' ? input.sources.map(({ source }) => source) : [input]).map(({ kind }) => ({
      type: kind,
    })),
    consumers: Array.from({ length: viewers }, () => ({ type: 'multistream' })),
    ...(input.kind === 'unsupported'
      ? { state: 'offline', reason: input.reason }
      : { state: stream?.state, ...(stream?.reason ? { reason: stream.reason } : {}) }),
    codec,
    width,
    height,
    viewers,
    variants: seen.filter((other) => other.input.kind === 'variant' && other.input.of === name).map(({ name }) => name),
  };
}
