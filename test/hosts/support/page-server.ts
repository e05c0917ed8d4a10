import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface PageServer {
  /** `http://localhost:PORT`, an origin of its own, as that of a host page is. */
  url: string;
  close(): Promise<void>;
}

export interface Site {
  /** By path, such as `/index.html`: the text of a page. */
  pages?: Record<string, string>;
  /** Where the other files are. */
  folder?: string;
  contentSecurityPolicy?: string;
}

/** Serves a host page as its own web server would. */
export async function servePages({ pages = {}, folder, contentSecurityPolicy }: Site): Promise<PageServer> {
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://page');
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
    if (contentSecurityPolicy !== undefined) {
      response.setHeader('Content-Security-Policy', contentSecurityPolicy);
    }
    if (path === '/favicon.ico') {
      // Browsers ask for it by themselves.
      response.statusCode = 204;
      response.end();
      return;
    }
    try {
      response.end(pages[path] ?? (await readFile(join(folder ?? '', normalize(path)))));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
