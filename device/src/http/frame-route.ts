import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { StreamRegistry } from '../streams/registry.ts';
import { takeStill } from '../streams/still.ts';

/** A still is decoded and encoded for it; whoever asks again within this time gets the same, in milliseconds. */
const freshness = 1000;

const width = 'w is a width in pixels, a whole number from 16 to 3840';
const source = 'src names a stream';
const query = v.object(
  {
    src: v.string(source),
    w: v.optional(
      v.pipe(
        v.string(width),
        v.regex(/^\d+$/, width),
        v.transform(Number),
        v.minValue(16, width),
        v.maxValue(3840, width),
      ),
    ),
  },
  // Of a key that is missing; the other one may be.
  source,
);

/** `GET /api/frame.jpeg?src=NAME&w=320`: the present picture, for a poster. */
export function serveStills(app: FastifyInstance, streams: StreamRegistry): void {
  const recent = new Map<string, Promise<Buffer>>();

  app.get('/api/frame.jpeg', async (request, reply) => {
    const result = v.safeParse(query, request.query, { abortEarly: true });
    if (!result.success) {
      return reply.code(400).send({ error: result.issues[0].message });
    }
    const { src, w } = result.output;
    const stream = request.viewer.maySee(src) ? streams.get(src) : undefined;
    if (stream === undefined) {
      return reply.code(404).send({ error: 'stream not found' });
    }
    const key = `${w ?? ''} ${src}`;
    let still = recent.get(key);
    if (still === undefined) {
      still = takeStill(stream, w);
      recent.set(key, still);
      setTimeout(() => recent.delete(key), freshness).unref();
    }
    try {
      const jpeg = await still;
      return reply.header('Cache-Control', 'no-store').type('image/jpeg').send(jpeg);
    } catch (error) {
      return reply.code(503).send({ error: (error as Error).message });
    }
  });
}
