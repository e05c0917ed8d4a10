import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { certificate, certificateKey } from './support/certificate.ts';
import { allProcesses, childrenOf } from './support/child-ids.ts';
import { startChild } from './support/child-process.ts';
import { freePort } from './support/free-port.ts';
import { HeadlessViewer } from './support/headless-viewer.ts';
import { until } from './support/until.ts';

describe('a device that is stopped', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multistream-stop-'));
    await writeFile(join(folder, 'cert.pem'), certificate);
    await writeFile(join(folder, 'key.pem'), certificateKey);
    // For the viewer's process, which inherits it.
    process.env.NODE_EXTRA_CA_CERTS = join(folder, 'cert.pem');
  });

  after(async () => {
    delete process.env.NODE_EXTRA_CA_CERTS;
    await rm(folder, { recursive: true });
  });

  it('leaves nothing behind: with TLS, a viewer, cameras that hang or are away, and a reload under way', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const [tcp, udp] = [await freePort('tcp'), await freePort('udp')];
    const config = (more = '') => `
api: { listen: "127.0.0.1:${tcp}", tls_cert: "${folder}/cert.pem", tls_key: "${folder}/key.pem" }
webrtc:
  listen: ":${udp}"
  ice_servers: [{ urls: "turn:192.0.2.1?transport=tcp", username: wall, credential: secret }]
streams:
  plays: ffmpeg:virtual?video=testsrc&size=360#video=h264
  hangs: rtsp://127.0.0.1:${port}/never
  away: rtsp://127.0.0.1:9/never
${more}`;
    const file = join(folder, 'config.yaml');
    await writeFile(file, config());
    const device = startChild(process.execPath, ['device/src/main.ts', '--config', file]);
    const viewers: HeadlessViewer[] = [];
    try {
      await device.says(/https:\/\/\S+/);
      const viewer = await HeadlessViewer.open(`https://localhost:${tcp}`, ['plays', 'hangs', 'away']);
      viewers.push(viewer);
      await viewer.becomes(2, 'offline');
      await viewer.receives(0);
      let cameras: number[] = [];
      // One makes the synthetic camera; the other is kept ready for the next one, and comes a second later.
      await until(async () => {
        cameras = await childrenOf(device.pid);
        return cameras.length === 2;
      });
      await writeFile(file, config(`  more: { source: "ffmpeg:rtsp://127.0.0.1:${port}/more", preload: true }\n`));
      process.kill(device.pid, 'SIGHUP');
      let started: number[] = [];
      await until(async () => {
        started = await childrenOf(device.pid);
        return started.some((pid) => !cameras.includes(pid));
      });
      const { code } = await device.end('SIGTERM');
      assert.equal(code, 0, device.stderr());
      const left = (await allProcesses()).filter((pid) => [...cameras, ...started].includes(pid));
      assert.deepEqual(left, []);
      await freePort('tcp', tcp);
      await freePort('udp', udp);
      await freePort('udp', udp + 1);
    } finally {
      await Promise.all(viewers.map((viewer) => viewer.close()));
      await device.end('SIGKILL');
      silent.close();
    }
  });
});
