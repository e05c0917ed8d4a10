import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { networksFault } from '../../device/test/support/networks.ts';
import { type HttpOnly, openHttpOnly } from './support/http-only.ts';
import { cameras } from './support/installation.ts';
import { visit } from './support/visit.ts';

const fault = networksFault();
const skipped = fault === null ? '' : ` (skipped: ${fault})`;
const names = Object.keys(cameras);

describe('a wall behind a proxy that passes HTTP alone, under a path of its own', { skip: fault !== null }, () => {
  let host: HttpOnly;

  before(async () => {
    host = await openHttpOnly();
  });

  after(() => host?.[Symbol.asyncDispose]());

  it(`plays and switches six tiles over its WebSocket${skipped}`, (test) =>
    visit(host.browser, host.url, async ({ page, until, shows, sockets }) => {
      await shows(...names);
      const took = Math.round((await page.evaluate('performance.now()')) as number);
      test.diagnostic(`all six tiles show their cameras ${took} ms after the page began to load`);
      await until("document.querySelector('ms-grid').activeMode === 'socket'");
      const [first = '', ...others] = names;
      await page.evaluate(`document.querySelectorAll('ms-slot').forEach((slot, index) => {
        slot.stream = ${JSON.stringify([...others, first])}[index];
      })`);
      await shows(...others, first);
      assert.equal(await sockets(), 1);
    }));
});
