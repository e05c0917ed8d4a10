import type { FastifyInstance } from 'fastify';
import type { StreamConfig } from '../config/config.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { isAllowedOrigin } from './origin.ts';

/** `GET /api/streams`: go2rtc's object by stream name, with what a wall wants to know beside it. */
export function serveStreams(
  app: FastifyInstance,
  streams: StreamRegistry,
  configs: readonly StreamConfig[],
  origins: readonly string[],
): void {
  app.get('/api/streams', async (request, reply) => {
    const { origin } = request.headers;
    if (!isAllowedOrigin(request.headers, origins)) {
      return reply.code(403).send({ error: `origin ${origin} is not in api.origin` });
    }
    if (origin !== undefined) {
      reply.header('Access-Control-Allow-Origin', origin).header('Vary', 'Origin');
    }
    return Object.fromEntries(configs.map((config) => [config.name, describe(config, streams, configs)]));
  });
}

function describe({ name, input }: StreamConfig, streams: StreamRegistry, configs: readonly StreamConfig[]) {
  const stream = streams.get(name);
  const { codec, width, height } = stream?.format ?? {};
  return {
    // The kind and no more: a source's address may hold a password.
    producers: [{ type: input.kind === 'variant' ? 'variant' : input.source.kind }],
    consumers: Array.from({ length: stream?.readers ?? 0 }, () => ({ type: 'multistream' })),
    state: stream?.state,
    ...(stream?.reason ? { reason: stream.reason } : {}),
    codec,
    width,
    height,
    variants: configs
      .filter((other) => other.input.kind === 'variant' && other.input.of === name)
      .map((other) => other.name),
  };
}
