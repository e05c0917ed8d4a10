import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

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
    setHeaders: (reply) => {
      // Revalidated each time: after an update of the device the next page load has the new elements.
      reply.header('Cache-Control', 'no-cache');
      reply.header('Cross-Origin-Resource-Policy', 'cross-origin');
    },
  });
}
