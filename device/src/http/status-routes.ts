import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** `GET /api`: which device this is. `GET /healthz`: that it answers at all; open to all, and says nothing else. */
export function serveStatus(app: FastifyInstance): void {
  app.get('/api', async () => ({ version, uptime: Math.round(process.uptime()) }));
  app.get('/healthz', async () => ({ status: 'ok' }));
}
