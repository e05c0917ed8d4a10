import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { openBrowser } from '../../../device/test/support/browser.ts';
import { type Child, startChild } from '../../../device/test/support/child-process.ts';
import { addresses, createNetworks } from '../../../device/test/support/networks.ts';
import { type RunningDevice, startDevice } from '../../../device/test/support/processes.ts';
import { cameras } from './installation.ts';

const names = Object.keys(cameras);

/** A page with a wall of six cameras, and a browser to which only HTTP gets through, by a proxy. */
export interface HttpOnly {
  /** Where the page is. */
  url: string;
  browser: Browser;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Networks of their own, so it needs root. The proxy is nginx with the file that the project gives, and the device under a path of its own. */
export async function openHttpOnly(): Promise<HttpOnly> {
  const folder = mkdtempSync(join(tmpdir(), 'http-only-'));
  const networks = createNetworks({ viewersUdp: 'nowhere', viewersTcp: 'to the router' });
  let device: RunningDevice | undefined;
  let proxy: Child | undefined;
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await proxy?.end('SIGTERM');
    await device?.stop();
    networks.close();
    rmSync(folder, { recursive: true });
  };
  try {
    const streams = Object.entries(cameras).map(([name, color]) => {
      const hex = Buffer.from(color).toString('hex');
      return `  ${name}: ffmpeg:virtual?video=color&color=0x${hex}&size=320x180#video=h264\n`;
    });
    device = await startDevice(
      `api: { listen: "${addresses.device}:1984", origin: "*" }\nwebrtc: { listen: ":8555" }\nstreams:\n${streams.join('')}`,
      networks.within('device'),
    );
    const [program, ...args] = [...networks.within('router'), 'nginx', '-c', configure(folder)];
    proxy = startChild(program as string, args);
    browser = await openBrowser(networks.within('viewer'));
    return { url: `http://${addresses.routerToViewer}:8080/`, browser, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The file that the project gives, with the device under `/cameras/`, beside a page. */
function configure(folder: string): string {
  const streams = names.map((name, slot) => `<ms-slot slot="${slot}" stream="${name}"></ms-slot>`).join('');
  const grid = `<ms-grid device-url="/cameras" columns="3">${streams}</ms-grid>`;
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><script type="module" src="/cameras/ms-grid.js"></script>${grid}`,
  );
  const site = readFileSync('deploy/nginx.conf', 'utf8')
    .replace(/( +server [\d.:]+ .*\n)+/, `    server ${addresses.device}:1984;\n`)
    .replace(
      'listen 1984;',
      `listen ${addresses.routerToViewer}:8080;\n    location = / { root ${folder}; try_files /index.html =404; types { } default_type text/html; }`,
    )
    .replace('location / {', 'location /cameras/ {')
    .replace('http://devices;', 'http://devices/;');
  writeFileSync(join(folder, 'site.conf'), site);
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `user root; daemon off; pid ${folder}/pid; error_log stderr;\nevents {}\nhttp { access_log off; include ${folder}/site.conf; }\n`,
  );
  return file;
}
