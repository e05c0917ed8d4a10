import type { Browser, Frame, Page } from 'puppeteer-core';
import { cameras } from './installation.ts';

/** A visit to a page, its iframes included, as a test sees it. */
export interface Visit {
  page: Page;
  /** Warnings and errors in the console, uncaught exceptions, and what the page's policy refused. */
  complaints: string[];
  /** Peer connections that are not closed, in all frames of the page. */
  peers(): Promise<number>;
  /** WebSockets to the device that are not closed, in all frames of the page. */
  sockets(): Promise<number>;
  /** Videos that play, in all frames of the page. */
  playing(): Promise<number>;
  /** Waits until the condition, evaluated in the page, is true. */
  until(condition: string): Promise<void>;
  /** Waits until the tiles that are displayed, in the order of the document, show these cameras. */
  shows(...names: string[]): Promise<void>;
}

/** Milliseconds. */
const patience = 15_000;

/** Runs in every frame before its own scripts. */
const observe = `
  globalThis.testing = { peers: [], sockets: [], refused: [], locks: [] };
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      testing.peers.push(this);
    }
  };
  globalThis.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options);
      testing.sockets.push(this);
    }
  };
  if (globalThis.WakeLock) {
    const { request } = WakeLock.prototype;
    WakeLock.prototype.request = async function (type) {
      const lock = await request.call(this, type);
      testing.locks.push(lock);
      return lock;
    };
  }
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    testing.refused.push(violatedDirective + ' ' + blockedURI);
  });
  testing.slots = (root = document) =>
    [...root.querySelectorAll('*')].flatMap((element) => [
      ...(element.localName === 'ms-slot' ? [element] : []),
      ...(element.shadowRoot && element.localName !== 'ms-slot' ? testing.slots(element.shadowRoot) : []),
    ]);
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  testing.color = (slot) => {
    const video = slot.shadowRoot?.querySelector('video');
    // A frame may be there to be drawn before it is on the screen.
    if (!video?.videoWidth || slot.state === 'buffering') {
      return null;
    }
    const { videoWidth, videoHeight } = video;
    canvas.drawImage(video, 0, videoHeight / 2, videoWidth, videoHeight / 2, 0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  testing.shows = (colors) => {
    const shown = testing.slots().filter((slot) => slot.checkVisibility()).map(testing.color);
    return shown.length === colors.length && colors.every((color, tile) =>
      shown[tile]?.every((channel, index) => Math.abs(channel - color[index]) <= 24));
  };
`;

export async function visit(browser: Browser, url: string, use: (visit: Visit) => Promise<void>): Promise<void> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) {
      complaints.push(message.text());
    }
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  const inFrames = async (expression: string): Promise<number> => {
    const counts = page.frames().map((frame: Frame) => frame.evaluate(expression).catch(() => 0) as Promise<number>);
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  };
  // Not puppeteer's own waiting, which a strict Content-Security-Policy keeps from making its functions.
  const until = async (condition: string, otherwise: string = condition) => {
    const deadline = Date.now() + patience;
    while (!(await page.evaluate(condition))) {
      if (Date.now() > deadline) {
        const seen = await page.evaluate(`JSON.stringify(${otherwise})`);
        throw new Error(`after ${patience} ms not yet: ${condition}; seen: ${seen}; console: ${complaints.join('; ')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  try {
    await page.setViewport({ width: 1200, height: 900 });
    await page.evaluateOnNewDocument(observe);
    await page.goto(url);
    await use({
      page,
      complaints,
      peers: () => inFrames("testing.peers.filter((peer) => peer.connectionState !== 'closed').length"),
      playing: () =>
        inFrames("[...document.querySelectorAll('video')].filter((video) => video.currentTime > 0).length"),
      sockets: () => inFrames('testing.sockets.filter((socket) => socket.readyState < 2).length'),
      until,
      shows: (...names) =>
        until(
          `testing.shows(${JSON.stringify(names.map((name) => cameras[name]))})`,
          'testing.slots().map((slot) => [testing.color(slot), slot.state, slot.reason])',
        ),
    });
  } finally {
    await page.close();
  }
}
