/**
 * A viewer without a screen, as a process. It says each message and, ten times a second, what has come by slot; on its
 * standard input it takes messages to send.
 */

import { createInterface } from 'node:readline';
import { openHeadlessWall } from './headless-peer.ts';

const [url = '', query = '', codecs = '', ...streams] = process.argv.slice(2);
const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);

const { client, answer, received } = await openHeadlessWall(url, streams, {
  query,
  codecs: codecs.split(',') as ('H264' | 'H265')[],
});
say({ message: answer });
setInterval(() => say({ received }), 100);
createInterface(process.stdin).on('line', (line) => client.send(line));
for (;;) {
  say({ message: await client.next(({ type }) => type !== 'multistream/ice') });
}
