/** Firefox for the browser tests: driven by WebDriver BiDi, which is in it. */

import { existsSync } from 'node:fs';
import { launch } from 'puppeteer-core';

const names = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];

/** `FIREFOX_PATH`, else an installed one, else null. */
export function findFirefox() {
  return process.env.FIREFOX_PATH ?? names.find(existsSync) ?? null;
}

/** @returns {import('@web/test-runner-core').BrowserLauncher} */
export function firefoxLauncher() {
  /** @type {Promise<{browser: import('puppeteer-core').Browser, page: import('puppeteer-core').Page}> | null} */
  let started = null;
  const active = new Set();
  const start = async () => {
    const executablePath = findFirefox();
    if (executablePath === null) {
      throw new Error("there is no Firefox: install Debian's firefox-esr, or name one in FIREFOX_PATH");
    }
    const browser = await launch({ browser: 'firefox', executablePath, extraPrefsFirefox: preferences });
    return { browser, page: await browser.newPage() };
  };
  return {
    name: 'Firefox',
    type: 'bidi',
    concurrency: 1,
    async startSession(session, url) {
      started ??= start();
      active.add(session);
      await (await started).page.goto(url);
    },
    click: async (x, y) => (await started)?.page.mouse.click(x, y),
    isActive: (session) => active.has(session),
    getBrowserUrl: () => '',
    async stopSession(session) {
      active.delete(session);
      await (await started)?.page.goto('about:blank');
      return { errors: [] };
    },
    async stop() {
      await (await started)?.browser.close();
      started = null;
    },
  };
}

const preferences = {
  // As in Chromium here: no click before a video may play.
  'media.autoplay.default': 0,
  // A failed connection would keep the next ones waiting, longer each time.
  'network.websocket.delay-failed-reconnects': false,
};
