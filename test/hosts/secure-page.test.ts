import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { certificate, certificateKey } from '../../device/test/support/certificate.ts';
import { type RunningDevice, startDevice } from '../../device/test/support/processes.ts';
import { chromiumArguments, findChromium } from '../../scripts/chromium.mjs';

/** A documentation address (RFC 5737): no machine has it, and no browser takes it for its own computer. */
const elsewhere = 'http://192.0.2.1';

describe('a page on https', () => {
  let browser: Browser;
  let device: RunningDevice;
  let origin: string;
  const server = createServer({ cert: certificate, key: certificateKey }, async ({ url = '/' }, response) => {
    const isPage = url === '/';
    response.setHeader('Content-Type', isPage ? 'text/html; charset=utf-8' : 'text/javascript; charset=utf-8');
    response.end(isPage ? '<!doctype html><html lang="en"></html>' : await readFile(`dist${url}`).catch(() => ''));
  });

  before(async () => {
    device = await startDevice(
      'api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: ":0"}\nstreams:\n' +
        '  test: ffmpeg:virtual?video=testsrc&size=320x180&rate=10#video=h264\n',
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `https://localhost:${(server.address() as AddressInfo).port}`;
    browser = await puppeteer.launch({
      executablePath: findChromium() as string,
      args: [
        ...chromiumArguments,
        // Self-signed.
        '--ignore-certificate-errors',
        // Its page is one of the internet, and the device stays one of this computer.
        `--ip-address-space-overrides=127.0.0.1:${new URL(origin).port}=public`,
        '--enable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets',
      ],
    });
  });

  after(async () => {
    await browser?.close();
    server.closeAllConnections();
    server.close();
    await device?.stop();
  });

  /** A wall of this device in a new page. */
  async function open(deviceUrl: string, use: (page: Page) => Promise<void>): Promise<void> {
    const page = await browser.newPage();
    try {
      await page.goto(origin);
      await page.addScriptTag({ url: `${origin}/ms-grid.js`, type: 'module' });
      await page.evaluate(`
        globalThis.reasons = [];
        addEventListener('ms-error', ({ error }) => reasons.push(error.reason), true);
        document.body.innerHTML = '<ms-grid ice-servers="[]" device-url="${deviceUrl}">' +
          '<ms-slot slot="0" stream="test" eager></ms-slot></ms-grid>';`);
      await use(page);
    } finally {
      await page.close();
    }
  }

  const alert = "document.querySelector('ms-grid').shadowRoot.querySelector('[role=alert]')?.textContent ?? ''";
  async function until(page: Page, condition: string): Promise<void> {
    const deadline = Date.now() + 15_000;
    while (!(await page.evaluate(condition))) {
      assert.ok(Date.now() < deadline, `not yet: ${condition}; ${await page.evaluate(alert)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('reads that it cannot reach a device on http, and is not told to try again', () =>
    open(elsewhere, async (page) => {
      await until(page, "reasons.includes('mixed-content')");
      await until(page, `(${alert}).startsWith('This page is on https and may not open ${elsewhere}')`);
      assert.equal(await page.evaluate("document.querySelector('ms-grid').connectionState"), 'closed');
    }));

  it('plays a device on http on its own computer, where its reader allows that', async () => {
    await answer('granted');
    await open(device.url, async (page) => {
      await until(page, "document.querySelector('ms-slot').state === 'active'");
    });
  });

  it('reads that the browser does not let it reach the local network, where its reader has denied that', async () => {
    await answer('denied');
    await open(device.url, async (page) => {
      await until(page, "reasons.includes('local-network')");
      await until(page, `(${alert}).includes('allow “local network access” for https://localhost')`);
    });
  });

  /** The reader's answer when the browser asks whether the page may reach into the local network. */
  async function answer(setting: 'granted' | 'denied'): Promise<void> {
    const inspector = await browser.target().createCDPSession();
    // Chromium has had one permission for both networks, and since has one for each; it refuses names that it lacks.
    for (const name of ['local-network-access', 'local-network', 'loopback-network']) {
      await inspector.send('Browser.setPermission', { permission: { name }, setting, origin }).catch(() => {});
    }
  }
});
