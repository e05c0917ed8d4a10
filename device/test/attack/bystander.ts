import assert from 'node:assert/strict';
import type { HeadlessViewer } from '../support/headless-viewer.ts';
import type { RunningDevice } from '../support/processes.ts';

/**
 * Lets something hostile happen. A bystander, who watches a synthetic camera in its slot 0, must get nine of ten pictures
 * and lose none on the way, and the device must answer its health check within a second all the time.
 */
export async function whileBystanderWatches(
  device: RunningDevice,
  bystander: HeadlessViewer,
  attack: () => Promise<void>,
): Promise<void> {
  const start = { received: bystander.received(0), at: performance.now() };
  let isOver = false;
  const answers = (async () => {
    while (!isOver) {
      const response = await fetch(`${device.url}/healthz`, { signal: AbortSignal.timeout(1000) });
      assert.equal(response.status, 200);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  await attack();
  isOver = true;
  await answers;
  const pictures = bystander.received(0).pictures - start.received.pictures;
  const expected = (25 * (performance.now() - start.at)) / 1000;
  assert.ok(pictures >= 0.9 * expected - 5, `the bystander got ${pictures} of ${Math.round(expected)} pictures`);
  assert.equal(bystander.received(0).gaps, start.received.gaps, 'the bystander lost nothing');
}
