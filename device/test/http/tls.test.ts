import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { flood, healthDuring, longestAnswer } from '../attack/bystander.ts';
import { ApiClient } from '../support/api-client.ts';
import { certificate, certificateKey } from '../support/certificate.ts';
import { startChild } from '../support/child-process.ts';

describe('a device with a certificate', () => {
  it('speaks HTTPS and WSS, with the same routes, closes connections without a handshake, and bears a flood of handshakes', {
    timeout: 60_000,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'multistream-tls-'));
    const api = { listen: '127.0.0.1:0', tls_cert: certificate, tls_key: join(folder, 'key.pem') };
    await writeFile(api.tls_key, certificateKey);
    await writeFile(join(folder, 'cams.yaml'), JSON.stringify({ api, webrtc: { listen: ':0' } }));
    const child = startChild(process.execPath, ['device/src/main.ts', '--config', join(folder, 'cams.yaml')]);
    try {
      const url = await child.says(/https:\/\/[^\s"/]+/);
      // A client that begins no handshake holds its place for ten seconds, and not for Node's usual two minutes.
      const silent = connect(Number(new URL(url).port), '127.0.0.1').resume();
      const gone = new Promise((resolve) => silent.once('close', resolve).on('error', () => {}));
      const status = await new Promise((resolve, reject) => {
        get(`${url}/api`, { ca: certificate, agent: false }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).once('error', reject);
      });
      assert.equal(status, 200);
      const client = await ApiClient.open(url, { ca: certificate, origin: url });
      assert.equal((await client.ask({ type: 'multistream/keyframe', slot: 0 })).type, 'error');
      const health = await healthDuring(
        { url, pid: child.pid },
        () => flood('shakes hands again and again', { port: Number(new URL(url).port) }, 3),
        certificate,
      );
      assert.ok(health.slowest <= longestAnswer, `a health check took ${Math.round(health.slowest)} ms`);
      assert.equal((await client.ask({ type: 'multistream/keyframe', slot: 0 })).type, 'error');
      client.close();
      await gone;
    } finally {
      await child.end('SIGTERM');
      await rm(folder, { recursive: true });
    }
  });
});
