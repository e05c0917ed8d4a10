/**
 * Viewers without a screen that come all at once, one slot for each stream. Arguments: the device and the streams. Says
 * when the first picture of the last stream was complete, in milliseconds from the start of the first connection, and
 * stays until its standard input ends.
 */

import { openHeadlessWall } from '../../device/test/support/headless-peer.ts';

const [url = '', ...streams] = process.argv.slice(2);
/** Slots of a wall: as many as a device allows by default. */
const slots = 9;
const walls = Array.from({ length: Math.ceil(streams.length / slots) }, (_, index) =>
  streams.slice(index * slots, (index + 1) * slots),
);

const start = performance.now();
const viewers = await Promise.all(walls.map((wall) => openHeadlessWall(url, wall)));
while (!viewers.every(({ received }) => received.every(({ pictures }) => pictures > 0))) {
  await new Promise((resolve) => setTimeout(resolve, 2));
}
console.log(`all after ${performance.now() - start} ms`);
process.stdin.on('end', () => process.exit(0)).resume();
