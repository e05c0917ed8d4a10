/**
 * Viewers without a screen, all in one process: real WebRTC that takes every packet, answers the reports and decodes
 * nothing. Arguments: the device, `wall` or `single`, how many viewers, and the streams of each. Says `open` when all are
 * connected; ends with its standard input.
 */

import { openHeadlessSingle, openHeadlessWall } from '../../device/test/support/headless-peer.ts';

const [url = '', kind = '', count = '', ...streams] = process.argv.slice(2);
/** How many connect at a time: most of it is waiting, but all at once would time each other out. */
const atOnce = 30;
const counts = false;

const openings = Array.from({ length: Number(count) }, () =>
  kind === 'wall'
    ? [() => openHeadlessWall(url, streams, { counts })]
    : streams.map((stream) => () => openHeadlessSingle(url, stream, { counts })),
).flat();
const next = async () => {
  for (let open = openings.pop(); open !== undefined; open = openings.pop()) {
    await open();
  }
};
await Promise.all(Array.from({ length: atOnce }, next));
console.log('open');
process.stdin.on('end', () => process.exit(0)).resume();
