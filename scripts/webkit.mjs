/** Safari's engine for the browser tests: Debian's WebKitGTK, on a screen in memory, driven by WebDriver (W3C) over HTTP. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';

const folder = '/usr/lib';
/** How often, and how long apart (ms), the driver is asked whether it listens. */
const asks = 100;
const askEvery = 100;

/** The browser that the driver starts, or null if it is not installed. */
export function findWebKit() {
  const machines = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('-linux-gnu')) : [];
  const paths = machines.flatMap((machine) =>
    ['webkit2gtk-4.1', 'webkitgtk-6.0'].map((version) => `${folder}/${machine}/${version}/MiniBrowser`),
  );
  return paths.find(existsSync) ?? null;
}

/** @returns {import('@web/test-runner-core').BrowserLauncher} */
export function webkitLauncher() {
  /** @type {Promise<Awaited<ReturnType<typeof start>>> | null} */
  let browser = null;
  const active = new Set();
  return {
    name: 'WebKitGTK',
    type: 'webdriver',
    concurrency: 1,
    async startSession(session, url) {
      browser ??= start();
      active.add(session);
      await (await browser).open(url);
    },
    click: async (x, y) => (await browser)?.click(x, y),
    isActive: (session) => active.has(session),
    getBrowserUrl: () => '',
    async stopSession(session) {
      active.delete(session);
      await (await browser)?.open('about:blank');
      return { errors: [] };
    },
    async stop() {
      await (await browser)?.close();
      browser = null;
    },
  };
}

async function start() {
  const binary = findWebKit();
  if (binary === null) {
    throw new Error("there is no WebKitGTK: install Debian's webkit2gtk-driver, xvfb and gstreamer1.0-libav");
  }
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x960x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  // Nothing is left running where the browser does not start, or the runner ends before it is told to stop.
  process.once('exit', () => screen.kill());
  const [display] = await firstOf(screen, screen.stdio[3], 'data');
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: `:${String(display).trim()}` },
  });
  process.once('exit', () => driver.kill());
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) {
      throw new Error(`WebDriver: ${value.error}: ${value.message}`);
    }
    return value;
  };
  await listens(() => call('GET', '/status'));
  const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } } };
  const { sessionId } = await call('POST', '/session', { capabilities });
  return {
    open: (url) => call('POST', `/session/${sessionId}/url`, { url }),
    click: (x, y) => {
      const actions = [
        { type: 'pointerMove', duration: 0, x, y, origin: 'viewport' },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ];
      return call('POST', `/session/${sessionId}/actions`, { actions: [{ type: 'pointer', id: 'mouse', actions }] });
    },
    async close() {
      await call('DELETE', `/session/${sessionId}`).catch(() => {});
      for (const child of [driver, screen]) {
        child.kill();
        child.exitCode === null && child.signalCode === null && (await once(child, 'exit'));
      }
    },
  };
}

/** The event of `emitter`; rejects if the process fails or ends before it. */
function firstOf(child, emitter, event) {
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${child.spawnfile} ended with ${code}`);
  });
  return Promise.race([once(emitter, event), failed]);
}

async function listens(ask) {
  for (let count = 1; ; count++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (count === asks) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, askEvery));
    }
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
