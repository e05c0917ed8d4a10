import { expect, fixture, html } from '@open-wc/testing';
import type { Mode } from '../../src/client/device-connection.ts';
import type { MsStatusEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { removeFixtures } from '../support/removed.ts';
import {
  blue,
  cameraIn,
  frameOf,
  frameWhere,
  green,
  type Installation,
  install,
  nextFrame,
  red,
  slotsOf,
  until,
  videoOf,
} from './wall.ts';

type Wished = readonly [slot: number, stream: string, quality?: string];

/** Behaviour that differs from WebRTC, or belongs to this way alone; the tests of walls run both ways (`describeEachWay`). */
describe('a wall whose pictures come over the WebSocket', () => {
  let installation: Installation;
  const real = globalThis.RTCPeerConnection;

  before(async () => {
    installation = await install();
    // As in a browser without WebRTC.
    globalThis.RTCPeerConnection = undefined as never;
  });

  after(async () => {
    globalThis.RTCPeerConnection = real;
    await installation.stop();
  });

  const wall = (...streams: Wished[]) => wallIn('socket', streams);

  async function wallIn(mode: Mode, streams: Wished[]): Promise<{ grid: MsGrid; slots: MsSlot[] }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${mode} ice-servers="[]">
        ${streams.map(
          ([slot, stream, quality = '']) =>
            html`<ms-slot slot=${slot} data-slot=${slot} stream=${stream} quality=${quality}></ms-slot>`,
        )}
      </ms-grid>
    `);
    return { grid, slots: slotsOf(grid) };
  }

  /** The device's last word on a tile. */
  const statuses = new WeakMap<EventTarget, string>();
  const statusOf = (slot: MsSlot) => statuses.get(slot);
  const note = (event: Event) => statuses.set(event.target as EventTarget, (event as MsStatusEvent).status.status);
  before(() => document.addEventListener('ms-status', note, true));
  after(() => document.removeEventListener('ms-status', note, true));

  /** How many pictures have come. */
  async function received(slot: MsSlot): Promise<number> {
    const [track] = (await slot.getStats())?.report.values() ?? [];
    return track?.packetsReceived ?? 0;
  }

  it('sends nothing to a tile out of sight, and plays it again', async () => {
    const { slots } = await wall([0, 'red'], [1, 'blue']);
    const [slot, other] = slots as [MsSlot, MsSlot];
    await Promise.all([frameOf(slot, red), frameOf(other, blue)]);
    slot.style.display = 'none';
    await until(() => statusOf(slot) === 'paused');
    slot.style.display = '';
    await frameOf(slot, red);
    await until(() => slot.state === 'active');
    await frameOf(other, blue);
  });

  it('plays two walls of one device, each at its own', async () => {
    const one = await wall([0, 'red']);
    const two = await wall([0, 'blue'], [1, 'green', '180p']);
    await frameOf(one.slots[0] as MsSlot, red);
    await frameOf(two.slots[0] as MsSlot, blue);
    await frameOf(two.slots[1] as MsSlot, green);
  });

  it('measures what it plays, and takes a picture of it', async () => {
    const { slots } = await wall([0, 'red']);
    const [slot] = slots as [MsSlot];
    await frameOf(slot, red);
    let stats = await slot.getStats();
    // A rate needs a picture that came since the last call.
    while (stats === null || stats.loss === null) {
      await nextFrame(slot);
      stats = await slot.getStats();
    }
    expect([stats.width, stats.height, stats.loss]).to.deep.equal([640, 360, 0]);
    expect(stats.bitrate).to.be.above(0);
    const still = await createImageBitmap(await slot.snapshot());
    expect([still.width, still.height]).to.deep.equal([640, 360]);
  });

  it('stays within half a second of the newest picture, and keeps no more than some seconds of the past', async () => {
    const { slots } = await wall([0, 'red'], [1, 'red', '180p']);
    await Promise.all(slots.map((slot) => frameOf(slot, red)));
    const [video, other] = slots.map(videoOf) as [HTMLVideoElement, HTMLVideoElement];
    const began = video.currentTime;
    while (video.currentTime < began + 11) {
      await nextFrame(slots[0] as MsSlot);
    }
    for (const { buffered } of [video, other]) {
      expect(buffered.length).to.equal(1);
      // Four seconds, the rest of a GOP and the one after it; and a second for which the newest picture says to last.
      expect(buffered.end(0) - buffered.start(0)).to.be.below(10);
    }
    const lags = await Promise.all(slots.map(async (slot) => (await slot.getStats())?.jitterBuffer ?? 0));
    await nextFrame(slots[0] as MsSlot);
    expect(Math.max(...lags)).to.be.below(500);
  });

  it('gives a managed MediaSource nothing while it wants nothing, and shows the newest picture when it does again', async () => {
    const managed: { source?: MediaSource & { streaming: boolean } } = {};
    const scope = globalThis as { ManagedMediaSource?: typeof MediaSource };
    const { appendBuffer } = SourceBuffer.prototype;
    let appended = 0;
    scope.ManagedMediaSource = class extends MediaSource {
      streaming = true;
      constructor() {
        super();
        managed.source = this;
      }
    };
    SourceBuffer.prototype.appendBuffer = function (data) {
      appended++;
      appendBuffer.call(this, data);
    };
    try {
      const { slots } = await wall([0, 'red']);
      const [slot] = slots as [MsSlot];
      await frameOf(slot, red);
      const source = managed.source as MediaSource & { streaming: boolean };
      source.streaming = false;
      source.dispatchEvent(new Event('endstreaming'));
      appended = 0;
      const before = await received(slot);
      // More than a GOP.
      while ((await received(slot)) < before + 75) {
        await new Promise(requestAnimationFrame);
      }
      expect(appended).to.equal(0);
      source.streaming = true;
      source.dispatchEvent(new Event('startstreaming'));
      // The newest picture says of itself that it lasts a second.
      await frameWhere(slot, ({ buffered, currentTime }) => buffered.end(buffered.length - 1) - currentTime < 1.5);
    } finally {
      delete scope.ManagedMediaSource;
      SourceBuffer.prototype.appendBuffer = appendBuffer;
    }
  });

  describe('in mode auto', () => {
    /** A network without UDP: no browser has a way to offer, and none of the device's leads anywhere. */
    class Unreached extends real {
      constructor(config?: RTCConfiguration) {
        super({ ...config, iceServers: [], iceTransportPolicy: 'relay' });
      }
    }

    afterEach(async () => {
      await removeFixtures();
      globalThis.RTCPeerConnection = undefined as never;
      // As after a change of network: what was learnt of the one before counts no more.
      window.dispatchEvent(new Event('online'));
    });

    it('plays over the WebSocket in a browser without WebRTC', async () => {
      const { grid, slots } = await wallIn('auto', [[0, 'red']]);
      await frameOf(slots[0] as MsSlot, red);
      expect(grid.activeMode).to.equal('socket');
    });

    it('goes over to the WebSocket where no media connection comes about, and remembers it', async () => {
      globalThis.RTCPeerConnection = Unreached;
      const { grid, slots } = await wallIn('auto', [[0, 'red']]);
      await frameOf(slots[0] as MsSlot, red);
      expect(grid.activeMode).to.equal('socket');
      globalThis.RTCPeerConnection = class {
        constructor() {
          throw new Error('WebRTC was tried again');
        }
      } as never;
      grid.remove();
      await until(() => grid.activeMode === null);
      const next = await wallIn('auto', [[0, 'blue']]);
      await frameOf(next.slots[0] as MsSlot, blue);
      expect(next.grid.activeMode).to.equal('socket');
    });

    it('tries WebRTC again soon, then less and less often, and keeps the picture and its session where that fails', async () => {
      const { setTimeout: realSetTimeout } = globalThis;
      const delays = [5, 10, 20, 40, 80, 120, 120].map((seconds) => seconds * 1000);
      const waited: number[] = [];
      let elapse = () => {};
      globalThis.setTimeout = ((callback: () => void, delay = 0, ...more: unknown[]) => {
        if (delays.includes(delay)) {
          waited.push(delay);
          elapse = callback;
          return 0;
        }
        return realSetTimeout(callback, delay, ...more);
      }) as typeof setTimeout;
      try {
        globalThis.RTCPeerConnection = Unreached;
        const { grid, slots } = await wallIn('auto', [[0, 'red']]);
        const [slot] = slots as [MsSlot];
        await frameOf(slot, red);
        const video = videoOf(slot);
        // Other things wait for ten seconds, too.
        waited.splice(0, waited.indexOf(5000));
        let attempts = 0;
        globalThis.RTCPeerConnection = class {
          constructor() {
            attempts++;
            throw new Error('there is still no way');
          }
        } as never;
        while (waited.length < delays.length) {
          const before = waited.length;
          elapse();
          await until(() => waited.length > before);
        }
        expect(waited).to.deep.equal(delays);
        expect(attempts).to.equal(delays.length - 1);
        await frameOf(slot, red);
        expect([videoOf(slot), grid.activeMode]).to.deep.equal([video, 'socket']);
        globalThis.RTCPeerConnection = real;
        elapse();
        const seen = new Set<string>();
        while (grid.activeMode !== 'multistream') {
          seen.add(cameraIn(await nextFrame(slot)));
        }
        expect([...seen]).to.deep.equal(['red']);
        await frameOf(slot, red);
      } finally {
        globalThis.setTimeout = realSetTimeout;
      }
    });

    it('takes WebRTC again when the network changes, and keeps the picture meanwhile', async () => {
      globalThis.RTCPeerConnection = Unreached;
      const { grid, slots } = await wallIn('auto', [[0, 'red']]);
      const [slot] = slots as [MsSlot];
      await frameOf(slot, red);
      globalThis.RTCPeerConnection = real;
      window.dispatchEvent(new Event('online'));
      const seen = new Set<string>();
      while (grid.activeMode !== 'multistream') {
        seen.add(cameraIn(await nextFrame(slot)));
      }
      expect([...seen]).to.deep.equal(['red']);
      await frameOf(slot, red);
    });
  });
});
