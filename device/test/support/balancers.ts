/** The balancers of `deploy/`, as processes in front of devices of this machine. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './child-process.ts';
import { freePort } from './free-port.ts';

/** Each balancer on the file that the project gives for it, with addresses of this machine. */
const commands = {
  HAProxy: (folder: string, port: number, devices: readonly string[]) => {
    const file = join(folder, 'haproxy.cfg');
    const given = readFileSync('deploy/haproxy.cfg', 'utf8');
    const servers = devices.map((device, index) => `    server device-${index} ${device}\n`);
    writeFileSync(
      file,
      given.replace(/bind :1984/, `bind 127.0.0.1:${port}`).replace(/(^ +server .*\n)+/m, servers.join('')),
    );
    return ['haproxy', '-db', '-f', file];
  },
  nginx: (folder: string, port: number, devices: readonly string[]) => {
    const site = join(folder, 'site.conf');
    const given = readFileSync('deploy/nginx.conf', 'utf8');
    const servers = devices.map((device) => `    server ${device} max_fails=1 fail_timeout=2s;\n`);
    writeFileSync(
      site,
      given.replace(/listen 1984/, `listen 127.0.0.1:${port}`).replace(/( +server [\d.:]+ .*\n)+/, servers.join('')),
    );
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; pid ${folder}/pid; error_log stderr;\nevents {}\nhttp { access_log off; include ${site}; }\n`,
    );
    return ['nginx', '-c', file];
  },
};

export const balancers = Object.keys(commands) as (keyof typeof commands)[];

export interface Balancer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  stop(): Promise<void>;
}

/** Resolves when a device answers through it. @param devices their addresses, `http://…` */
export async function startBalancer(name: keyof typeof commands, devices: readonly string[]): Promise<Balancer> {
  const folder = mkdtempSync(join(tmpdir(), 'balancer-'));
  const port = await freePort('tcp');
  const url = `http://127.0.0.1:${port}`;
  const places = devices.map((device) => device.replace(/.*:/, '127.0.0.1:'));
  const [program, ...args] = commands[name](folder, port, places);
  const proxy = startChild(program as string, args);
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
  };
  proxy.exited.then(end, end);
  while (!(await fetch(`${url}/healthz`).catch(() => null))?.ok) {
    if (hasEnded) {
      throw new Error(`the balancer ended: ${proxy.stderr()}`);
    }
    await sleep(50);
  }
  return {
    url,
    stop: async () => {
      await proxy.end('SIGTERM');
      rmSync(folder, { recursive: true });
    },
  };
}
