import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { IceServer } from '../../../src/protocol/messages.ts';
import type { StreamConfig } from '../config/config.ts';
import { type SourceConfig, sourceSchemes, type UnsupportedSource, type VariantSource } from '../config/source.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { type Stills, StillsBusy } from '../streams/stills.ts';
import type { Stream } from '../streams/stream.ts';
import type { Viewer } from './access.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The go2rtc whose API this is like. Home Assistant takes a device whose `version` is from 1.9.13 on, and below 2. */
const go2rtcVersion = '1.9.14';

/**
 * `GET /api`: which device this is; `version` is go2rtc's, `multistream` is the device's own. `GET /api/schemes`: the kinds
 * of sources that it opens. `GET /api/ice-servers`: the relays, with their passwords, as `RTCPeerConnection` takes them.
 */
export function serveStatus(app: FastifyInstance, iceServers: () => readonly IceServer[]): void {
  app.get('/api', async () => ({
    version: go2rtcVersion,
    multistream: { version },
    uptime: Math.round(process.uptime()),
  }));
  app.get('/api/schemes', async () => sourceSchemes);
  app.get('/api/ice-servers', async () => iceServers());
}

/**
 * `GET /healthz`, open to all: 200 once the device has started, which includes a first answer of every camera that is to be
 * preloaded, be it a picture or a failure. Until then, and while it is about to end, 503 with the reason. A camera that fails later is no fault of the
 * device, and `GET /api/streams` tells of it.
 */
export function serveHealth(
  app: FastifyInstance,
  streams: StreamRegistry,
  configs: () => readonly StreamConfig[],
  isDraining: () => boolean,
): void {
  let hasStarted = false;
  app.get('/healthz', async (_, reply) => {
    if (isDraining()) {
      return reply.code(503).send({ status: 'draining', reason: 'the device is about to end' });
    }
    if (!hasStarted) {
      const preloaded = configs().filter(({ preload }) => preload);
      const starting = preloaded.filter(({ name }) => ['idle', 'starting'].includes(streams.get(name)?.state ?? ''));
      hasStarted = starting.length === 0;
      if (!hasStarted) {
        const reason = `${starting.length} of ${preloaded.length} preloaded streams are starting`;
        return reply.code(503).header('Retry-After', '1').send({ status: 'starting', reason });
      }
    }
    return { status: 'ok' };
  });
}

/** `GET /api/streams`: go2rtc's object by stream name, with more that a wall needs; `?src=NAME`: one stream alone. */
export function serveStreams(
  app: FastifyInstance,
  streams: StreamRegistry,
  configs: () => readonly StreamConfig[],
): void {
  app.get('/api/streams', async ({ viewer, query }, reply) => {
    const { src } = query as { src?: unknown };
    const seen = configs().filter(({ name }) => viewer.maySee(name));
    const variants = variantsIn(seen);
    if (src === undefined) {
      // By own keys alone: a stream may be called `__proto__`.
      return Object.fromEntries(seen.map((config) => [config.name, describe(config, streams, variants, viewer)]));
    }
    const one = seen.find(({ name }) => name === src);
    return one === undefined
      ? reply.code(404).send({ error: 'stream not found' })
      : describe(one, streams, variants, viewer);
  });
}

/** The names of the variants, by the stream that they are made of. They are looked for once: there may be thousands of streams. */
function variantsIn(configs: readonly StreamConfig[]): Map<string, string[]> {
  const variants = new Map<string, string[]>();
  for (const { name, input } of configs) {
    if (input.kind === 'variant') {
      const names = variants.get(input.of) ?? [];
      variants.set(input.of, names);
      names.push(name);
    }
  }
  return variants;
}

function describe(
  { name, input }: StreamConfig,
  streams: StreamRegistry,
  variants: ReadonlyMap<string, readonly string[]>,
  viewer: Viewer,
) {
  const stream = streams.get(name);
  const { codec, width, height } = stream?.format ?? {};
  const viewers = stream?.readers ?? 0;
  return {
    producers: (input.kind === 'own' ? input.sources.map(({ source }) => source) : [input]).map((source) => ({
      type: source.kind,
      url: shownSource(source, viewer),
      ...(codec === undefined ? {} : { medias: [`video, recvonly, ${codec}`] }),
    })),
    consumers: Array.from({ length: viewers }, () => ({ type: 'multistream' })),
    ...(input.kind === 'unsupported'
      ? { state: 'offline', reason: input.reason }
      : { state: stream?.state, ...reasonOf(stream) }),
    codec,
    width,
    height,
    viewers,
    variants: variants.get(name) ?? [],
  };
}

/**
 * Where the pictures come from, as go2rtc's clients expect it. Cameras have passwords in any part of an address, in the path
 * too, so that it ends with the host; and only a viewer of all streams is told that.
 */
function shownSource(source: SourceConfig | VariantSource | UnsupportedSource, { seesAll }: Viewer): string {
  switch (source.kind) {
    case 'rtsp':
    case 'http': {
      const { protocol, host } = new URL(source.url);
      return seesAll ? `${protocol}//${host}/` : `${protocol}//`;
    }
    case 'variant':
      return `ffmpeg:${source.of}`;
    case 'virtual':
      return 'ffmpeg:virtual';
    default:
      return `${source.kind}:`;
  }
}

function reasonOf(stream: Stream | undefined): { reason?: string } {
  const reason = stream?.waitsForKeyframe ? 'the camera sends, and has sent no key frame yet' : stream?.reason;
  return reason ? { reason } : {};
}

const source = 'src names a stream';
const pixels = (what: string) =>
  v.optional(
    v.pipe(v.string(what), v.regex(/^\d+$/, what), v.transform(Number), v.minValue(16, what), v.maxValue(3840, what)),
  );
const query = v.object(
  {
    src: v.string(source),
    w: pixels('w is a width in pixels, a whole number from 16 to 3840'),
    h: pixels('h is a height in pixels, a whole number from 16 to 3840'),
  },
  // For a missing key; `w` and `h` may be missing.
  source,
);

/** `GET /api/frame.jpeg?src=NAME&w=320`, or `h=180`: the present picture, for a poster. It keeps its shape. */
export function serveStills(app: FastifyInstance, streams: StreamRegistry, stills: Stills): void {
  app.get('/api/frame.jpeg', async (request, reply) => {
    const result = v.safeParse(query, request.query, { abortEarly: true });
    if (!result.success) {
      return reply.code(400).send({ error: result.issues[0].message });
    }
    const { src, w, h } = result.output;
    const stream = streams.seenBy(request.viewer.maySee).get(src);
    if (stream === undefined) {
      return reply.code(404).send({ error: 'stream not found' });
    }
    const gone = new AbortController();
    // After the answer there is nothing left to give up.
    reply.raw.once('close', () => gone.abort());
    try {
      // The shape of a camera that has not been opened yet is unknown; most are wide.
      const { width, height } = stream.format ?? { width: 16, height: 9 };
      const wanted = w ?? (h === undefined ? undefined : Math.ceil((h * width) / height));
      const jpeg = await stills.take(stream, wanted, gone.signal);
      return reply.type('image/jpeg').send(jpeg);
    } catch (error) {
      if (error instanceof StillsBusy) {
        reply.header('Retry-After', '1');
      }
      return reply.code(503).send({ error: (error as Error).message });
    }
  });
}

/**
 * The built elements, the demo page, and the page for one camera. The elements are for pages of every origin: the files
 * hold no secret.
 */
export async function servePages(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    // The demo first: `preCompressed` looks for the page of `/` in the first folder only.
    root: ['../../../demo/', '../../../dist/', '../../pages/'].map((folder) =>
      fileURLToPath(new URL(folder, import.meta.url)),
    ),
    cacheControl: false,
    // The build leaves the scripts in brotli and gzip beside themselves.
    preCompressed: true,
    // Revalidated each time: after an update of the device the next page load has the new elements.
    setHeaders: (reply) => reply.header('Cache-Control', 'no-cache'),
  });
}
