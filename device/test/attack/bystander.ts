import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Received } from '../support/headless-peer.ts';
import type { HeadlessViewer } from '../support/headless-viewer.ts';
import { type Holdings, holdings } from '../support/holdings.ts';
import type { RunningDevice } from '../support/processes.ts';
import type { Kind } from './flood.ts';
import type { Health } from './health-watch.ts';

/** Milliseconds in which a health check is answered while an attack goes on. */
export const longestAnswer = 200;
/** Milliseconds after which an attack has left nothing behind. */
const recovery = 10_000;
/**
 * How much more the device may hold then. Caches and resend buffers of the cameras that are watched grow and shrink by
 * some megabytes; an attack that leaks, leaks more. Resident memory is not here: allocators keep it.
 */
const allowed = { external: 8e6, heap: 8e6, descriptors: 3, threads: 2 };

/**
 * Lets something hostile happen. A bystander, who watches a synthetic camera of 25 pictures a second in its slot 0, must get
 * nine of ten pictures and lose none on the way, and the device must answer its health check in time. Soon after, the
 * device must hold no more than before.
 * @param device which `startObserved` has started
 */
export async function whileBystanderWatches(
  device: RunningDevice,
  bystander: HeadlessViewer,
  attack: () => Promise<void>,
): Promise<void> {
  const before = await holdings(device);
  let [start, end] = [bystander.report, bystander.report];
  const { slowest, starved } = await healthDuring(device, async () => {
    start = bystander.report;
    await attack();
    end = bystander.report;
  });
  const [first, last] = [start.received[0] as Received, end.received[0] as Received];
  const rate = (last.pictures - first.pictures) / ((end.at - start.at - starved) / 1000);
  assert.ok(rate >= 0.9 * 25, `the bystander got ${rate.toFixed(1)} pictures a second`);
  assert.equal(last.gaps, first.gaps, 'the bystander lost nothing');
  assert.ok(slowest <= longestAnswer, `a health check took ${Math.round(slowest)} ms`);
  await recovers(device, before);
}

/**
 * Asks for the device's health again and again while something happens.
 * @param ca the certificate of a device that has one
 */
export async function healthDuring(
  { url, pid }: Pick<RunningDevice, 'url' | 'pid'>,
  attack: () => Promise<void>,
  ca?: string,
): Promise<Health> {
  const health = new Worker(new URL('./health-watch.ts', import.meta.url), { workerData: { url, pid, ca } });
  const failed = once(health, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => {});
  await attack();
  health.postMessage('over');
  const [result] = await Promise.race([once(health, 'message'), failed]);
  return result;
}

/**
 * A client that floods the device for some seconds, in a thread of its own.
 * @param device its port, and that of WebRTC where the attack needs one
 */
export async function flood(kind: Kind, device: { port: number; webrtcPort?: number }, seconds: number): Promise<void> {
  const thread = new Worker(new URL('./flood.ts', import.meta.url), { workerData: { kind, ...device } });
  try {
    const failed = once(thread, 'error').then(([error]) => Promise.reject(error));
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, seconds * 1000))]);
  } finally {
    await thread.terminate();
  }
}

async function recovers(device: RunningDevice, before: Holdings): Promise<void> {
  const end = performance.now() + recovery;
  for (;;) {
    const now = await holdings(device);
    const left = Object.entries(allowed).filter(
      ([key, more]) => now[key as keyof Holdings] > before[key as keyof Holdings] + more,
    );
    if (left.length === 0) {
      return;
    }
    assert.ok(performance.now() < end, `still more ${left.map(([key]) => key)}: ${JSON.stringify({ before, now })}`);
  }
}
