import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { openBrowser } from '../../device/test/support/browser.ts';
import { type Child, startChild } from '../../device/test/support/child-process.ts';
import { type RunningDevice, startDevice } from '../../device/test/support/processes.ts';
import { sessionsOf } from '../../device/test/support/sessions-of.ts';
import { visit } from './support/visit.ts';

const configuration = `
api: { listen: "127.0.0.1:0" }
webrtc: { listen: "127.0.0.1:0", ice_servers: [] }
streams:
  one: ffmpeg:virtual?video=testsrc&size=320x180#video=h264
  two: ffmpeg:virtual?video=testsrc2&size=320x180#video=h264
`;

/** Each balancer on the file that the project gives for it, with addresses of this machine. */
const balancers = {
  HAProxy: (folder: string, port: number, devices: readonly string[]) => {
    const file = join(folder, 'haproxy.cfg');
    const given = readFileSync('deploy/haproxy.cfg', 'utf8');
    const servers = devices.map((device, index) => `    server device-${index} ${device}\n`);
    write(file, given.replace(/bind :1984/, `bind 127.0.0.1:${port}`).replace(/(^ +server .*\n)+/m, servers.join('')));
    return ['haproxy', '-db', '-f', file];
  },
  nginx: (folder: string, port: number, devices: readonly string[]) => {
    const site = join(folder, 'site.conf');
    const given = readFileSync('deploy/nginx.conf', 'utf8');
    const servers = devices.map((device) => `    server ${device} max_fails=1 fail_timeout=2s;\n`);
    write(
      site,
      given.replace(/listen 1984/, `listen 127.0.0.1:${port}`).replace(/( +server [\d.:]+ .*\n)+/, servers.join('')),
    );
    const file = join(folder, 'nginx.conf');
    write(
      file,
      `daemon off; pid ${folder}/pid; error_log stderr;\nevents {}\nhttp { access_log off; include ${site}; }\n`,
    );
    return ['nginx', '-c', file];
  },
};

for (const [name, balancer] of Object.entries(balancers)) {
  describe(`a wall on two devices behind ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'edges-'));
    let browser: Browser;
    let devices: RunningDevice[];
    let proxy: Child;
    let url: string;

    before(async () => {
      browser = await openBrowser();
    });

    after(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true });
    });

    async function start(): Promise<void> {
      devices = await Promise.all([startDevice(configuration), startDevice(configuration)]);
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      const [program, ...args] = balancer(
        folder,
        port,
        devices.map((device) => device.url.replace(/.*:/, '127.0.0.1:')),
      );
      proxy = startChild(program as string, args);
      const gone = proxy.exited.then(() => {
        throw new Error(`the balancer ended: ${proxy.stderr()}`);
      });
      const ready = (async () => {
        while (!(await fetch(`${url}/healthz`).catch(() => null))?.ok) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      })();
      await Promise.race([ready, gone]);
      // When it ends later, its test has ended it.
      gone.catch(() => {});
    }

    afterEach(async () => {
      await proxy?.end('SIGTERM');
      await Promise.all((devices ?? []).map((device) => device.stop()));
    });

    const tiles = "[...document.querySelectorAll('ms-slot')]";
    const isLive = `${tiles}.length === 2 && ${tiles}.every(({ state }) => state === 'active')`;

    it('goes over to the other device when its own is drained, and no tile blinks', async () => {
      await start();
      await visit(browser, `${url}/?tiles=2`, async ({ page, until, sockets }) => {
        await until(isLive);
        await page.evaluate(`
          testing.newest = testing.peers.at(-1);
          testing.states = new Set();
          const look = () => {
            for (const { state } of ${tiles}) {
              testing.states.add(state);
            }
            requestAnimationFrame(look);
          };
          look();
        `);
        const own = await serving(devices);
        process.kill(own.pid, 'SIGUSR2');
        await until("testing.newest.connectionState === 'closed'");
        await until(isLive);
        assert.deepEqual(await page.evaluate('[...testing.states]'), ['active']);
        assert.equal(await sockets(), 1);
        const end = await own.exited;
        assert.deepEqual([end.code, end.signal], [0, null]);
        const [other] = devices.filter((device) => device !== own);
        assert.equal((await fetch(`${(other as RunningDevice).url}/healthz`)).status, 200);
      });
    });

    it('plays on from the other device when its own is gone', async () => {
      await start();
      await visit(browser, `${url}/?tiles=2`, async ({ page, until }) => {
        await until(isLive);
        await page.evaluate('testing.newest = testing.peers.at(-1)');
        await (await serving(devices)).kill();
        await until("testing.newest.connectionState === 'closed'");
        await until(isLive);
      });
    });
  });
}

describe('a device that is drained', () => {
  it('says so to its balancer, takes no new session, and ends at the second signal', async () => {
    const device = await startDevice(configuration.replace('streams:', 'multistream: { drain: 1m }\nstreams:'));
    const socket = new WebSocket(`${device.url.replace('http', 'ws')}/api/ws`);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const told = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(JSON.parse(data))));
    process.kill(device.pid, 'SIGTERM');
    assert.deepEqual(await told, { type: 'multistream/moving', reason: 'the device is about to end' });
    const health = await fetch(`${device.url}/healthz`);
    assert.equal(health.status, 503);
    assert.deepEqual(await health.json(), { status: 'draining', reason: 'the device is about to end' });
    const another = new WebSocket(`${device.url.replace('http', 'ws')}/api/ws`);
    await new Promise((resolve) => another.addEventListener('error', resolve));
    assert.equal((await device.stop()).code, 0);
  });
});

/** The device that has the session. */
async function serving(devices: readonly RunningDevice[]): Promise<RunningDevice> {
  for (const device of devices) {
    if ((await sessionsOf(device.url)) > 0) {
      return device;
    }
  }
  throw new Error('no device has a session');
}

function write(file: string, text: string): void {
  writeFileSync(file, text);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
