import type { FastifyInstance } from 'fastify';
import type { StreamConfig } from '../config/config.ts';
import type { StreamRegistry } from '../streams/registry.ts';

/** `GET /api/streams`: go2rtc's object by stream name, with what a wall wants to know beside it. */
export function serveStreams(
  app: FastifyInstance,
  streams: StreamRegistry,
  configs: () => readonly StreamConfig[],
): void {
  app.get('/api/streams', async ({ viewer }) => {
    const seen = configs().filter(({ name }) => viewer.maySee(name));
    return Object.fromEntries(seen.map((config) => [config.name, describe(config, streams, seen)]));
  });
}

function describe({ name, input }: StreamConfig, streams: StreamRegistry, seen: readonly StreamConfig[]) {
  const stream = streams.get(name);
  const { codec, width, height } = stream?.format ?? {};
  const viewers = stream?.readers ?? 0;
  return {
    // The kind and no more: a source's address may hold a password.
    producers:
      input.kind === 'variant' ? [{ type: 'variant' }] : input.sources.map(({ source }) => ({ type: source.kind })),
    consumers: Array.from({ length: viewers }, () => ({ type: 'multistream' })),
    state: stream?.state,
    ...(stream?.reason ? { reason: stream.reason } : {}),
    codec,
    width,
    height,
    viewers,
    variants: seen.filter((other) => other.input.kind === 'variant' && other.input.of === name).map(({ name }) => name),
  };
}
