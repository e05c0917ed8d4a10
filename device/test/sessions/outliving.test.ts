import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { type HeadlessPeer, openHeadlessSingle } from '../support/headless-peer.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';
import { sessionsOf } from '../support/sessions-of.ts';
import { until } from '../support/until.ts';

describe('a single stream whose viewer closes its WebSocket', { timeout: 120_000 }, () => {
  let device: RunningDevice;
  let viewers: HeadlessPeer[] = [];

  before(async () => {
    device = await startDevice(
      'api: { listen: "127.0.0.1:0" }\nmultistream: { max_sessions: 2 }\n' +
        'streams:\n  red: ffmpeg:virtual?video=color&color=red&size=360#video=h264\n',
    );
  });

  after(async () => {
    for (const viewer of viewers) {
      viewer.close();
    }
    await device.stop();
  });

  async function open(): Promise<HeadlessPeer> {
    const viewer = await openHeadlessSingle(device.url, 'red');
    viewers.push(viewer);
    return viewer;
  }

  const sessions = () => sessionsOf(device.url);

  for (const [code, why] of [
    [1000, 'says that it is done'],
    [1001, 'is a page that is gone'],
  ] as const) {
    it(`ends at once if the viewer ${why}`, async () => {
      const before = await sessions();
      const leaving = await open();
      await until(async () => (await sessions()) === before + 1);
      leaving.client.close(code);
      await until(async () => (await sessions()) === before);
    });
  }

  it('plays on, and still takes one of the sessions', async () => {
    const [one, two] = [await open(), await open()];
    one.client.close();
    await one.client.closed;
    const packets = one.received[0]?.packets ?? 0;
    await until(() => (one.received[0]?.packets ?? 0) > packets + 50);
    assert.equal(await sessions(), 2);
    await assert.rejects(() => openRefused(), /too many sessions/);
    assert.ok((two.received[0]?.packets ?? 0) > 0);
  });

  async function openRefused(): Promise<void> {
    const client = await ApiClient.open(device.url, { query: '?src=red' });
    const [, reason] = await client.closed;
    throw new Error(reason);
  }

  it('does not hold the device up when that stops', async () => {
    const viewer = viewers.at(-1);
    viewer?.client.close();
    await viewer?.client.closed;
    const { milliseconds } = await device.stop();
    assert.ok(milliseconds < 5000, `${milliseconds} ms`);
    viewers = viewers.filter((one) => one !== viewer);
    viewer?.close();
  });
});
