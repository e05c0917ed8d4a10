import type { Page } from 'puppeteer-core';
import type { LinkCounts, PageApi, SwitchRequest, SwitchSample, TilesOfDevice } from '../page/measure.ts';
import type { BenchBrowser } from './browser.ts';
import { machineTime } from './machine.ts';
import type { Side } from './sides.ts';
import { countTraffic, type Traffic } from './traffic.ts';

declare global {
  var measure: PageApi;
}

/** Keeps the page's peer connections within reach, for their statistics. */
const keepPeers = () => {
  const page = globalThis.top as unknown as { peers?: WeakRef<RTCPeerConnection>[] };
  const peers = page.peers ?? [];
  page.peers = peers;
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(new WeakRef(this));
    }
  };
};

export interface MeasuredSwitch extends SwitchSample {
  /** Figures that can explain an outlier: packets of the page, and milliseconds that the host took meanwhile. */
  beside: { received: number; steal: number } & LinkCounts;
}

/** A page with one wall, of whichever side. */
export class WallPage {
  readonly page: Page;
  readonly side: Side;
  /** Milliseconds from the request to each tile's first frame. */
  readonly firstFrames: readonly number[];

  /** Bytes that the page has loaded from the devices until then; zero where they are not counted. */
  readonly traffic: Readonly<Traffic>;

  private constructor(page: Page, side: Side, firstFrames: readonly number[], traffic: Traffic) {
    this.page = page;
    this.side = side;
    this.firstFrames = firstFrames;
    this.traffic = traffic;
  }

  /**
   * Resolves when every tile has had its first frame.
   * @param count whether to count its traffic, which slows it
   */
  static async open(
    { browser, page: url }: BenchBrowser,
    side: Side,
    devices: TilesOfDevice[],
    { count = false } = {},
  ): Promise<WallPage> {
    const page = await browser.newPage();
    const traffic = count
      ? await countTraffic(
          page,
          devices.map(({ device }) => device),
        )
      : { requests: 0, bytes: 0 };
    await page.evaluateOnNewDocument(keepPeers);
    await page.goto(url);
    await page.waitForFunction('globalThis.measure !== undefined');
    const frames = await page.evaluate((kind, list) => globalThis.measure.open(kind, list), side.wall, devices);
    return new WallPage(page, side, frames, { ...traffic });
  }

  /** @param wait milliseconds from now until the switch is due */
  async switch(request: Omit<SwitchRequest, 'wait'>, wait: number): Promise<MeasuredSwitch> {
    const before = machineTime();
    const { sample, counts } = await this.page.evaluate((what) => globalThis.measure.switch(what), {
      ...request,
      wait,
    });
    const steal = machineTime().steal - before.steal;
    return { ...sample, beside: { received: sample.received, steal, ...counts } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
  }
}
