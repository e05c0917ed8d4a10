import puppeteer, { type Browser } from 'puppeteer-core';
import { chromiumArguments, findChromium } from '../../../scripts/chromium.mjs';

/**
 * Starts Chromium.
 * @param within what goes before its command, where it is to run in another network
 * @param more arguments of its own
 */
export async function openBrowser(within: readonly string[] = [], more: readonly string[] = []): Promise<Browser> {
  const args = puppeteer.defaultArgs({ args: [...chromiumArguments, ...more, '--remote-debugging-pipe'] });
  return puppeteer.launch({
    // It wants a path, and what goes before the command is a name.
    executablePath: '/usr/bin/env',
    args: [...within, findChromium() as string, ...(await args)],
    ignoreDefaultArgs: true,
    pipe: true,
  });
}
