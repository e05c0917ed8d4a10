import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { IceServer } from '../../../src/protocol/messages.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/**
 * `GET /api`: which device this is. `GET /api/ice-servers`: the relays, with their passwords, as `RTCPeerConnection` takes
 * them. `GET /healthz`: that it answers at all; open to all, and says nothing else.
 */
export function serveStatus(app: FastifyInstance, iceServers: () => readonly IceServer[]): void {
  app.get('/api', async () => ({ version, uptime: Math.round(process.uptime()) }));
  app.get('/api/ice-servers', async () => iceServers());
  app.get('/healthz', async () => ({ status: 'ok' }));
}
