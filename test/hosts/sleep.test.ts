import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Installation, install } from './support/installation.ts';
import { type PageServer, servePages } from './support/page-server.ts';
import { type Visit, visit } from './support/visit.ts';

/** Milliseconds; a media path may be without contact for 5,000. */
const asleep = 9000;
/** Ticks from now on, and remembers for how long at most it did not. */
const clock = `
  globalThis.longest = 0;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 50);
`;

describe('a wall on a computer that sleeps and wakes', () => {
  let installation: Installation;
  let server: PageServer;

  before(async () => {
    installation = await install();
    const { url } = installation.device;
    const body = `<ms-grid device-url="${url}" ice-servers="[]">
      <ms-slot slot="0" stream="red"></ms-slot><ms-slot slot="1" stream="green"></ms-slot></ms-grid>`;
    const script = `<script type="module" src="${url}/ms-grid.js"></script>`;
    server = await servePages({
      pages: { '/index.html': `<!doctype html><html lang="en"><head>${script}</head><body>${body}</body></html>` },
    });
  });

  after(async () => {
    await server?.close();
    await installation?.stop();
  });

  /** No script of the page runs meanwhile, and Chromium closes its WebSockets. */
  async function sleep({ page }: Visit, meanwhile: () => Promise<void>): Promise<void> {
    await page.evaluate(clock);
    const inspector = await page.createCDPSession();
    await inspector.send('Page.setWebLifecycleState', { state: 'frozen' });
    await meanwhile();
    await inspector.send('Page.setWebLifecycleState', { state: 'active' });
    await inspector.detach();
    // It wakes up hidden.
    const other = await page.browserContext().newPage();
    await other.bringToFront();
    await other.close();
    await page.bringToFront();
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 100))');
    const longest = Number(await page.evaluate('longest'));
    assert.ok(longest > asleep / 2, `the page slept, and no timer of 50 ms came for ${longest} ms`);
  }

  const play = async ({ page, shows }: Visit) => {
    await shows('red', 'green');
    await page.evaluate("document.querySelector('ms-slot').stream = 'blue'");
    await shows('blue', 'green');
  };
  const isActive = "[...document.querySelectorAll('ms-slot')].every(({ state }) => state === 'active')";

  it('plays again, with the streams that it shows by now, where its device slept as well', () =>
    visit(installation.browser, `${server.url}/index.html`, async (seen) => {
      await play(seen);
      const { pid } = installation.device;
      try {
        process.kill(pid, 'SIGSTOP');
        await sleep(seen, () => delay(asleep));
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await seen.page.evaluate("document.querySelector('ms-slot').stream = 'cyan'");
      await seen.until(isActive);
      await seen.shows('cyan', 'green');
      const frames = 'document.querySelectorAll("ms-slot")[1].shadowRoot.querySelector("video").currentTime';
      const before = Number(await seen.page.evaluate(frames));
      await seen.until(`${frames} > ${before}`);
      assert.equal(await seen.peers(), 1);
    }));
});
