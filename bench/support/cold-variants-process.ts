/**
 * A viewer without a screen that watches a camera all along, and asks for variants of it that nothing else shows. Arguments: the
 * device, the camera's stream, how often, and the qualities. Says for each one how long its first complete picture took from the
 * request, in milliseconds, and ends.
 */

import { openHeadlessWall } from '../../device/test/support/headless-peer.ts';

const [url = '', stream = '', rounds = '', ...qualities] = process.argv.slice(2);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const { client, received } = await openHeadlessWall(url, [stream, '']);
const variant = received[1] as (typeof received)[1];
for (let round = 0; round < Number(rounds); round++) {
  for (const quality of qualities) {
    // The last one's coder ends, and the next one is made ready; and each begins at another moment of the GOP.
    await sleep(1500 + Math.random() * 2000);
    const before = variant.pictures;
    const start = performance.now();
    client.send({ type: 'multistream/switch', slot: 1, stream, quality });
    while (variant.pictures === before) {
      await sleep(1);
    }
    console.log(`${quality} after ${performance.now() - start} ms`);
    await client.ask({ type: 'multistream/switch', slot: 1, stream: '' });
  }
}
console.log('done');
process.exit(0);
