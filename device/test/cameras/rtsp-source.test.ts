import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { OpenSource, SourceReport } from '../../src/cameras/camera-source.ts';
import { type StartCoder, startCoder } from '../../src/cameras/coder-process.ts';
import { openOverRtsp } from '../../src/cameras/rtsp-source.ts';
import type { CoderRequest } from '../../src/coder/messages.ts';
import { usualGop } from '../../src/media/gop.ts';
import { childrenOf } from '../support/child-ids.ts';
import { splitPictures } from '../support/nal-units.ts';
import { packetsOf, startOddCamera } from '../support/odd-camera.ts';
import { record } from '../support/recordings.ts';
import { startScriptedCamera } from '../support/scripted-camera.ts';
import { until } from '../support/until.ts';

/** A real client and a real coder, on a camera that the test has in hand. */
describe('a camera that the device reads itself', () => {
  const closing: (() => unknown)[] = [];
  let pictures: Buffer[];

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'multistream-rtsp-source-'));
    const file = join(folder, 'one.h264');
    await record(file, { encoder: 'libx264', options: { preset: 'ultrafast', tune: 'zerolatency' } });
    pictures = splitPictures(await readFile(file));
    await rm(folder, { recursive: true });
  });

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) {
      await close();
    }
  });

  after(async () => assert.deepEqual(await childrenOf(process.pid), []));

  function open(url: string, start: StartCoder = startCoder) {
    const reports: SourceReport[] = [];
    const failures: string[] = [];
    const limits = { pictureBytes: 2 ** 23, memoryBytes: 2 ** 29, gop: usualGop };
    const source: OpenSource = openOverRtsp(
      { kind: 'rtsp', url, transport: 'tcp' },
      { limits, silenceMs: 5000, startCoder: start },
      { report: (report) => reports.push(report), failed: (reason) => failures.push(reason) },
    );
    closing.push(() => source.close());
    const unitsOf = (output: string) => reports.filter((report) => report.type === 'unit' && report.output === output);
    return { source, reports, failures, unitsOf };
  }

  async function camera() {
    const running = await startScriptedCamera({ pictures });
    closing.push(() => running.close());
    return running;
  }

  const encode = { kind: 'encode', height: 90 } as const;

  it('has one connection and one process, whatever is made of it, and no process while it is passed on', async () => {
    const running = await camera();
    const { source, unitsOf } = open(running.url);
    source.start('native', { kind: 'copy' });
    await until(() => unitsOf('native').length > 5);
    assert.deepEqual(await childrenOf(process.pid), []);
    source.start('small', encode);
    source.start('smaller', { kind: 'encode', height: 46 });
    await until(() => unitsOf('small').length > 0 && unitsOf('smaller').length > 0);
    assert.equal((await source.still(undefined)).readUInt16BE(0), 0xffd8);
    assert.equal((await childrenOf(process.pid)).length, 1);
    assert.equal(running.asked.filter((method) => method === 'PLAY').length, 1);
    source.stop('small');
    source.stop('smaller');
    const before = unitsOf('native').length;
    await until(async () => (await childrenOf(process.pid)).length === 0);
    await until(() => unitsOf('native').length > before);
  });

  it('gives a still without a variant', async () => {
    const { source, unitsOf } = open((await camera()).url);
    await assert.rejects(source.still(undefined), /no key frame yet/);
    source.start('native', { kind: 'copy' });
    await until(() => unitsOf('native').length > 0);
    assert.equal((await source.still(160)).readUInt16BE(0), 0xffd8);
  });

  it('is passed on from its key frame on to an output that comes later', async () => {
    const { source, reports, unitsOf } = open((await camera()).url);
    source.start('one', { kind: 'copy' });
    await until(() => unitsOf('one').length > 7);
    source.start('two', { kind: 'copy' });
    const [format, first] = reports.filter((report) => 'output' in report && report.output === 'two');
    assert.equal(format?.type, 'format');
    assert.ok(first?.type === 'unit' && first.unit.keyframe);
  });

  it('plays on when its coder dies, whose variants come back by themselves', async () => {
    const { source, reports, failures, unitsOf } = open((await camera()).url);
    source.start('native', { kind: 'copy' });
    source.start('small', encode);
    await until(() => unitsOf('small').length > 0);
    const [pid] = (await childrenOf(process.pid)) as [number];
    process.kill(pid, 'SIGKILL');
    await until(() => reports.some(({ type }) => type === 'refused'));
    const [before, small] = [unitsOf('native').length, unitsOf('small').length];
    await until(() => unitsOf('native').length > before && unitsOf('small').length > small);
    assert.deepEqual(failures, []);
  });

  it('keeps little for a coder that takes nothing', async () => {
    const sent: CoderRequest[] = [];
    const running = await startOddCamera({
      played: (peer) => {
        for (let gop = 0; gop < 18; gop++) {
          peer.send(0, ...packetsOf(100, gop * 102, gop * 360_000));
        }
      },
    });
    closing.push(() => running.close());
    const { source, unitsOf } = open(running.url(), () => ({
      send: (request) => sent.push(request),
      stop: async () => {},
    }));
    source.start('native', { kind: 'copy' });
    source.start('small', encode);
    await until(() => unitsOf('native').length > 1700);
    const units = sent.filter(({ type }) => type === 'unit').length;
    assert.ok(units > 700 && units < 800, String(units));
  });

  it('is read by FFmpeg where this client cannot, and says why, once', async () => {
    const running = await startOddCamera({ sdp: 'v=0\r\nm=video 0 RTP/AVP 26\r\na=control:x\r\n' });
    closing.push(() => running.close());
    const asked: CoderRequest[] = [];
    const { source, reports } = open(running.url(), () => ({
      send: (request) => asked.push(request),
      stop: async () => {},
    }));
    source.start('native', { kind: 'copy' });
    source.start('small', encode);
    await until(() => asked.length === 3);
    assert.deepEqual(
      asked.map(({ type }) => type),
      ['open', 'start', 'start'],
    );
    assert.deepEqual(reports, [
      { type: 'note', output: 'native', text: 'is read by FFmpeg: the camera sends JPEG, and neither H.264 nor H.265' },
    ]);
  });
});
