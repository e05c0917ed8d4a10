/**
 * A viewer without a screen, as a process. It says each message and, ten times a second, what has come by slot; on its
 * standard input it takes messages to send.
 */

import { createInterface } from 'node:readline';
import { openHeadlessWall } from './headless-peer.ts';
import type { Flood } from './headless-viewer.ts';

const [url = '', query = '', codecs = '', ...streams] = process.argv.slice(2);
const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);

const { client, answer, received, tracks } = await openHeadlessWall(url, streams, {
  query,
  codecs: codecs.split(',') as ('H264' | 'H265')[],
});
say({ message: answer });
say({ ssrcs: streams.map((_, slot) => ssrcOf(String(answer.sdp), slot)) });
setInterval(() => say({ received, at: performance.now() }), 100);
createInterface(process.stdin).on('line', (line) => {
  const order = JSON.parse(line);
  if (order.flood === undefined) {
    client.send(line);
  } else {
    void flood(order.flood);
  }
});
for (;;) {
  say({ message: await client.next(({ type }) => type !== 'multistream/ice') });
}

/** Sends RTCP, each packet in turn, at a steady rate; then says `{flooded: PACKETS}`. */
async function flood({ packets, perSecond, seconds }: Flood): Promise<void> {
  const [track] = tracks;
  const contents = packets.map((hex) => Buffer.from(hex, 'hex'));
  const total = Math.max(1, Math.round(perSecond * seconds));
  const began = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - began) / 1000) * perSecond));
    for (; sent < due; sent++) {
      track?.sendMessageBinary(contents[sent % contents.length] as Buffer);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  say({ flooded: total });
}

/** The SSRC that an answer announces for an m-line; 0 for none. */
function ssrcOf(sdp: string, line: number): number {
  return Number(/^a=ssrc:(\d+)/m.exec(sdp.split(/^m=/m)[line + 1] ?? '')?.[1] ?? 0);
}
