/** A browser as a viewer whose signalling the test has in hand: the page has the connection, the test the WebSocket. */

import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { WebSocket } from 'ws';
import { findChromium } from '../../../scripts/chromium.mjs';
import type { ClientMessage, DeviceMessage, SlotConfig, SlotStatus } from '../../../src/protocol/messages.ts';
import { startUdpRelay, type UdpRelay } from './udp-relay.ts';

export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) {
    throw new Error('no Chromium found: install one, or name it in CHROME_PATH');
  }
  return puppeteer.launch({
    executablePath,
    args: ['--autoplay-policy=no-user-gesture-required', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
}

/** A browser's statistics of a received stream, in W3C's words. */
export interface InboundStats {
  mid: string;
  framesDecoded: number;
  frameHeight: number;
  packetsReceived: number;
  packetsLost: number;
  nackCount: number;
}

export interface Viewer {
  readonly candidates: readonly string[];
  readonly statuses: readonly SlotStatus[];
  /** The link that all media take; null where they take the direct way. */
  readonly relay: UdpRelay | null;
  send(message: ClientMessage): void;
  /** By m-line, in order. */
  stats(): Promise<InboundStats[]>;
  /** Resolves with the first statistics for which the condition holds. */
  statsWhere(condition: (stats: InboundStats[]) => boolean): Promise<InboundStats[]>;
  /** The first status, from the `from`th on, for which the condition holds. */
  statusWhere(condition: (status: SlotStatus) => boolean, from?: number): Promise<SlotStatus>;
  /** The device's end of the path in use, as far as the browser was told of it. */
  deviceEnd(): Promise<{ protocol: string; address: string; port: number }>;
  close(): Promise<void>;
}

export interface ViewerOptions {
  /** Takes all media through a link that the test sets. */
  relayed?: boolean;
  /** Which of the device's candidates the browser hears of; the device then hears of none, so that there is no other way. */
  hears?: (candidate: string) => boolean;
}

export async function openViewer(
  browser: Browser,
  deviceUrl: string,
  slots: SlotConfig[],
  { relayed = false, hears }: ViewerOptions = {},
): Promise<Viewer> {
  const page = await browser.newPage();
  const socket = new WebSocket(`${deviceUrl.replace('http', 'ws')}/api/ws`);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const send = (message: ClientMessage) => socket.send(JSON.stringify(message));
  const candidates: string[] = [];
  const statuses: SlotStatus[] = [];
  let relay: UdpRelay | null = null;
  let heard: (() => void)[] = [];
  let answered = () => {};

  const take = async (message: DeviceMessage) => {
    switch (message.type) {
      case 'multistream/ready':
        send({ type: 'multistream/offer', sdp: await offer(page, slots.length) });
        break;
      case 'multistream/answer':
        statuses.push(...message.slots);
        await page.evaluate((sdp) => window.answered(sdp), message.sdp ?? '');
        answered();
        break;
      case 'multistream/ice':
        candidates.push(message.value);
        if (hears?.(message.value) === false) {
          break;
        }
        if (!relayed) {
          await page.evaluate((text) => window.hear(text), message.value);
        } else if (relay === null && / UDP \d+ \d+\.\d+\.\d+\.\d+ /.test(message.value)) {
          const [, , , , host = '', port] = message.value.split(' ');
          relay = await startUdpRelay({ host, port: Number(port) });
          const line = message.value.split(' ').with(4, '127.0.0.1').with(5, String(relay.port)).join(' ');
          await page.evaluate((text) => window.hear(text), line);
        }
        break;
      case 'multistream/status':
        statuses.push(message.status);
        break;
    }
    for (const look of heard.splice(0)) {
      look();
    }
  };
  let taking = Promise.resolve();
  socket.on('message', (data) => {
    taking = taking.then(() => take(JSON.parse(String(data))));
  });

  await page.exposeFunction('told', (candidate: string) => {
    if (!relayed && hears === undefined) {
      send({ type: 'multistream/ice', candidate });
    }
  });
  send({ type: 'multistream/init', slots });
  await new Promise<void>((resolve) => {
    answered = resolve;
  });

  const stats = async () => JSON.parse(await page.evaluate(() => window.inbound())) as InboundStats[];
  return {
    candidates,
    statuses,
    get relay() {
      return relay;
    },
    send,
    stats,
    statsWhere: async (condition) => {
      for (;;) {
        const list = await stats();
        if (condition(list)) {
          return list;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    statusWhere: async (condition, from = 0) => {
      for (;;) {
        const found = statuses.slice(from).find(condition);
        if (found !== undefined) {
          return found;
        }
        await new Promise<void>((resolve) => heard.push(resolve));
      }
    },
    deviceEnd: async () =>
      JSON.parse((await page.waitForFunction('deviceEnd()').then((handle) => handle.jsonValue())) as string),
    close: async () => {
      heard = [];
      socket.close();
      await taking.catch(() => {});
      await page.close();
      relay?.close();
    },
  };
}

declare const window: {
  told(candidate: string): void;
  answered(sdp: string): Promise<void>;
  hear(candidate: string): Promise<void>;
  inbound(): Promise<string>;
};

/** Runs in the page, which has no script of its own. */
function offer(page: Page, slots: number): Promise<string> {
  return page.evaluate(
    `(async () => {
      const pc = new RTCPeerConnection();
      for (let slot = 0; slot < ${slots}; slot++) pc.addTransceiver('video', { direction: 'recvonly' });
      pc.onicecandidate = ({ candidate }) => candidate && told(candidate.candidate);
      // Chromium decodes only what something shows.
      pc.ontrack = ({ track }) => {
        const video = document.body.appendChild(document.createElement('video'));
        Object.assign(video, { muted: true, autoplay: true, srcObject: new MediaStream([track]) });
      };
      window.answered = (sdp) => pc.setRemoteDescription({ type: 'answer', sdp });
      window.hear = (candidate) => pc.addIceCandidate({ candidate, sdpMLineIndex: 0 });
      const all = async () => [...(await pc.getStats()).values()];
      window.inbound = async () => JSON.stringify((await all()).filter(({ type }) => type === 'inbound-rtp'));
      window.deviceEnd = async () => {
        const list = await all();
        const pair = list.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
        const remote = list.find(({ id }) => id === pair?.remoteCandidateId);
        return remote?.address && JSON.stringify({ protocol: remote.protocol, address: remote.address, port: remote.port });
      };
      await pc.setLocalDescription();
      return pc.localDescription.sdp;
    })()`,
  ) as Promise<string>;
}
