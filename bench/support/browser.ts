import puppeteer, { type Browser } from 'puppeteer-core';
import { chromiumArguments, findChromium } from '../../scripts/chromium.mjs';
import { startPageServer } from './page-server.ts';

export interface BenchBrowser {
  browser: Browser;
  pid: number;
  /** The address of the measuring page. */
  page: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The same for all sides. Without web security the page may read the pixels in its iframes; these then share the page's
 * process, which spares them one of their own.
 */
export const browserArguments = [...chromiumArguments, '--disable-web-security'];

/** @param args what it is started with */
export async function openBrowser(args: readonly string[] = browserArguments): Promise<BenchBrowser> {
  const pages = await startPageServer();
  const browser = await launch(args);
  return {
    browser,
    pid: browser.process()?.pid ?? -1,
    page: pages.url,
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await pages.close();
    },
  };
}

export async function browserVersion(): Promise<string> {
  const browser = await launch(browserArguments);
  try {
    return await browser.version();
  } finally {
    await browser.close();
  }
}

function launch(args: readonly string[]): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) {
    throw new Error('no Chromium found: install one, or name it in CHROME_PATH');
  }
  return puppeteer.launch({
    executablePath,
    defaultViewport: { width: 1280, height: 800 },
    args: [...args],
    // Left to itself it would close the browser, and keep the signal from ending the benchmark.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
