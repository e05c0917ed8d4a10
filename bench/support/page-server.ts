import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

const root = new URL('../../', import.meta.url);
const types: Record<string, string> = { '.html': 'text/html', '.ts': 'text/javascript' };

/** Serves the measuring page and its modules from an origin of their own, as a host page would. */
export async function startPageServer(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://page');
    const type = types[extname(pathname)];
    try {
      if (type === undefined) {
        throw new Error('not a file of the page');
      }
      const text = await readFile(new URL(`.${pathname}`, root), 'utf8');
      response.setHeader('Content-Type', type);
      response.end(type === 'text/javascript' ? stripTypeScriptTypes(text) : text);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/bench/page/index.html`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
