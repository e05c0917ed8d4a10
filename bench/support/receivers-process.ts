/**
 * Viewers without a screen, all in one process: real WebRTC that takes every packet, answers the reports and decodes
 * nothing. Arguments: the device, `wall` or `single`, how many viewers, how many connect at a time, and the streams of each. Says `open` when all are
 * connected; ends with its standard input.
 */

import { openHeadlessSingle, openHeadlessWall } from '../../device/test/support/headless-peer.ts';

const [url = '', kind = '', count = '', atOnce = '', ...streams] = process.argv.slice(2);
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
await Promise.all(Array.from({ length: Number(atOnce) }, next));
console.log('open');
process.stdin.on('end', () => process.exit(0)).resume();
