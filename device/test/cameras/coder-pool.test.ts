import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { CoderPool } from '../../src/cameras/coder-pool.ts';
import type { CoderProcess, Sharing } from '../../src/cameras/coder-process.ts';
import type { CoderReport } from '../../src/coder/messages.ts';
import { usualGop } from '../../src/media/gop.ts';
import { childrenOf } from '../support/child-ids.ts';
import { until } from '../support/until.ts';

describe('the coders of a device', () => {
  const usual = new CoderPool();
  const jobs: CoderProcess[] = [];

  afterEach(async () => {
    await usual.close();
    await Promise.all(jobs.splice(0).map((job) => job.stop()));
    assert.deepEqual(await childrenOf(process.pid), []);
  });

  /** A synthetic camera; resolves with its first picture. */
  async function play(sharing: Sharing, pool = usual): Promise<CoderReport> {
    const played = Promise.withResolvers<CoderReport>();
    const report = (report: CoderReport) => report.type === 'unit' && played.resolve(report);
    const job = pool.start({ report, gone: (reason) => played.reject(new Error(reason)) }, sharing);
    jobs.push(job);
    job.send({
      ...{ type: 'open', silenceMs: 5000 },
      source: { kind: 'virtual', video: 'testsrc', width: 320, height: 180, rate: 25 },
      limits: { pictureBytes: 2 ** 23, memoryBytes: 2 ** 29, gop: usualGop },
    });
    job.send({ type: 'start', output: 'a', config: { kind: 'encode' } });
    return played.promise;
  }

  it('have a process ready before it is needed, and another one when that is taken', async () => {
    usual.prepare(true);
    await until(async () => (await childrenOf(process.pid)).length === 1);
    const [spare] = await childrenOf(process.pid);
    await play('alone');
    assert.equal((await childrenOf(process.pid))[0], spare);
    await until(async () => (await childrenOf(process.pid)).length === 2);
  });

  it('have a process ready for the next sound for a while after the last one', async () => {
    const lasting = new CoderPool();
    await play('sound', lasting);
    await until(async () => (await childrenOf(process.pid)).length === 2);
    await lasting.close();
    const brief = new CoderPool(400);
    await play('sound', brief);
    // One for each of the two sounds.
    await until(async () => (await childrenOf(process.pid)).length === 2);
    await brief.close();
  });

  it('keep the process that waits for a sound from other jobs, such as posters of a wall that opens', async () => {
    const pool = new CoderPool();
    await play('sound', pool);
    const [first] = await childrenOf(process.pid);
    await until(async () => (await childrenOf(process.pid)).length === 2);
    const spare = (await childrenOf(process.pid)).find((child) => child !== first);
    await play('alone', pool);
    await jobs.pop()?.stop();
    assert.deepEqual(await childrenOf(process.pid), [first, spare]);
    await pool.close();
  });

  it('are none while nothing needs them', async () => {
    usual.prepare(true);
    usual.prepare(false);
    assert.deepEqual(await childrenOf(process.pid), []);
  });

  it('share one process for synthetic cameras, where one that ends leaves the others', async () => {
    await Promise.all([play('shared'), play('shared'), play('shared')]);
    assert.equal((await childrenOf(process.pid)).length, 1);
    await jobs.shift()?.stop();
    await play('shared');
    assert.equal((await childrenOf(process.pid)).length, 1);
  });

  it('give a camera that reads from outside a process of its own', async () => {
    await Promise.all([play('alone'), play('shared'), play('alone')]);
    assert.equal((await childrenOf(process.pid)).length, 3);
  });
});
