/**
 * Viewers without a screen behind a balancer, all in one process. Like the browser client, each opens its next session beside
 * the present one when a device says that it is about to end, and at once when its session breaks.
 * Arguments: the balancer, how many viewers, and the streams of each. Says `open` when all are live; a line on its standard
 * input is a label under which it says what has happened since then.
 */

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrowdMember, CrowdReport } from './crowd.ts';
import { type HeadlessPeer, openHeadlessWall } from './headless-peer.ts';

const [url = '', count = '', ...streams] = process.argv.slice(2);
/** How often pictures are looked for, in milliseconds. */
const interval = 5;
/** As the browser client has it: the second attempt, and later ones. Milliseconds. */
const delays = [0, 300, 1200, 2700];
/** How long an attempt may take, in milliseconds: a device that dies in the middle of it does not answer. */
const patience = 3000;
/** How many connect at a time at the start. */
const atOnce = 5;

class Member {
  #session: HeadlessPeer | null = null;
  #breaks = 0;
  #moves = 0;
  #longestGapMs = 0;
  /** By tile: how many pictures its session had brought at the last look, and when the last one came. */
  readonly #seen = streams.map(() => ({ pictures: 0, at: performance.now() }));

  /** Resolves when it is live for the first time; goes on until the process ends. */
  async start(): Promise<void> {
    const first = await this.#openNext();
    this.#follow(first).catch(fail);
  }

  /** Takes no gap for one that came before. */
  begin(now: number): void {
    for (const seen of this.#seen) {
      seen.at = now;
    }
  }

  look(now: number): void {
    for (const [tile, seen] of this.#seen.entries()) {
      const pictures = this.#session?.received[tile]?.pictures ?? 0;
      if (pictures > seen.pictures) {
        this.#longestGapMs = Math.max(this.#longestGapMs, now - seen.at);
        Object.assign(seen, { pictures, at: now });
      }
    }
  }

  report(now: number): CrowdMember {
    const longestGapMs = Math.max(this.#longestGapMs, ...this.#seen.map(({ at }) => now - at));
    return { isLive: this.#session !== null, breaks: this.#breaks, moves: this.#moves, longestGapMs };
  }

  async #follow(first: HeadlessPeer): Promise<void> {
    for (let session = first; ; ) {
      session = await this.#replace(session);
    }
  }

  /** Resolves with the next session once this one had to be left, and the next one is live. */
  async #replace(present: HeadlessPeer): Promise<HeadlessPeer> {
    const closed = present.client.closed.then(() => this.#leave(present));
    const moving = present.client.next(({ type }) => type === 'multistream/moving').then(() => this.#moves++);
    await Promise.race([closed, moving]);
    const next = await this.#openNext();
    present.close();
    return next;
  }

  /** A device that moves its viewers may end before the next session is there: that is a break as well. */
  #leave(session: HeadlessPeer): void {
    if (this.#session === session) {
      this.#session = null;
      this.#breaks++;
      session.close();
    }
  }

  /** Tries until a session shows every tile, and takes that one. */
  async #openNext(): Promise<HeadlessPeer> {
    for (let attempt = 0; ; attempt++) {
      await sleep(delays[Math.min(attempt, delays.length - 1)]);
      const next = await Promise.race([open(), sleep(patience, null)]).catch(() => null);
      if (next !== null) {
        this.#session = next;
        for (const seen of this.#seen) {
          seen.pictures = 0;
        }
        return next;
      }
    }
  }
}

/** Resolves when the session has brought a picture on every tile. */
async function open(): Promise<HeadlessPeer> {
  const end = performance.now() + patience;
  const session = await openHeadlessWall(url, streams);
  while (!session.received.every(({ pictures }) => pictures > 0)) {
    if (performance.now() > end) {
      session.close();
      throw new Error('no pictures');
    }
    await sleep(interval);
  }
  return session;
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

const members = Array.from({ length: Number(count) }, () => new Member());
const waiting = [...members];
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let member = waiting.pop(); member !== undefined; member = waiting.pop()) {
      await member.start();
    }
  }),
);
for (const member of members) {
  member.begin(performance.now());
}
setInterval(() => {
  const now = performance.now();
  for (const member of members) {
    member.look(now);
  }
}, interval);
console.log('open');
createInterface(process.stdin)
  .on('line', (label) => {
    const now = performance.now();
    const report: CrowdReport = { label, members: members.map((member) => member.report(now)) };
    console.log(JSON.stringify(report));
  })
  .on('close', () => process.exit(0));
