import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { openBrowser } from '../../device/test/support/browser.ts';
import { type Child, startChild } from '../../device/test/support/child-process.ts';
import { addresses, createNetworks, type Networks, networksFault } from '../../device/test/support/networks.ts';
import { type RunningDevice, startDevice } from '../../device/test/support/processes.ts';
import { cameras } from './support/installation.ts';
import { visit } from './support/visit.ts';

const fault = networksFault();
const skipped = fault === null ? '' : ` (skipped: ${fault})`;
const names = Object.keys(cameras);

describe('a wall behind a proxy that passes HTTP alone, under a path of its own', { skip: fault !== null }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'http-only-'));
  const host = `http://${addresses.routerToViewer}:8080`;
  let networks: Networks;
  let device: RunningDevice;
  let proxy: Child;
  let browser: Browser;

  before(async () => {
    networks = createNetworks({ viewersUdp: 'nowhere', viewersTcp: 'to the router' });
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
  });

  after(async () => {
    await browser?.close();
    await proxy?.end('SIGTERM');
    await device?.stop();
    networks?.close();
    rmSync(folder, { recursive: true });
  });

  it(`plays and switches six tiles over its WebSocket${skipped}`, (test) =>
    visit(browser, `${host}/`, async ({ page, until, shows, sockets }) => {
      await shows(...names);
      const took = Math.round((await page.evaluate('performance.now()')) as number);
      test.diagnostic(`all six tiles show their cameras ${took} ms after the page began to load`);
      await until("document.querySelector('ms-grid').activeMode === 'socket'");
      const [first = '', ...others] = names;
      await page.evaluate(`document.querySelectorAll('ms-slot').forEach((slot, index) => {
        slot.stream = ${JSON.stringify([...others, first])}[index];
      })`);
      await shows(...others, first);
      assert.equal(await sockets(), 1);
    }));
});

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
