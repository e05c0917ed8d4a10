import { expect, fixture, html, oneEvent } from '@open-wc/testing';
import type { MsConnectionEvent, MsSwitchEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { removeFixtures } from '../support/removed.ts';
import { forgetMultistream, type StockDevice } from './stock-device.ts';
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
} from './wall.ts';

describe('the mode of a wall', () => {
  let installation: Installation;
  let stock: StockDevice | null = null;
  const peers: RTCPeerConnection[] = [];
  const RealPeer = window.RTCPeerConnection;

  before(async () => {
    installation = await install();
    window.RTCPeerConnection = class extends RealPeer {
      constructor(config?: RTCConfiguration) {
        super(config);
        peers.push(this);
      }
    };
  });

  afterEach(async () => {
    await removeFixtures();
    stock?.restore();
    stock = null;
    expect(open()).to.have.length(0);
    peers.length = 0;
  });

  after(async () => {
    window.RTCPeerConnection = RealPeer;
    await installation.stop();
  });

  function open(): RTCPeerConnection[] {
    return peers.filter(({ connectionState }) => connectionState !== 'closed');
  }

  /** The video on top: the next picture loads behind it. */
  function shownIn(slot: MsSlot): HTMLVideoElement {
    return [...slot.renderRoot.querySelectorAll('video')].at(-1) as HTMLVideoElement;
  }

  async function wall(mode: string, ...streams: string[]): Promise<{ grid: MsGrid; slots: MsSlot[] }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} ice-servers="[]" mode=${mode}>
        ${streams.map((stream, i) => html`<ms-slot slot=${i} stream=${stream}></ms-slot>`)}
      </ms-grid>
    `);
    return { grid, slots: slotsOf(grid) };
  }

  describe('auto', () => {
    it('is multistream with a device that knows it', async () => {
      const { grid, slots } = await wall('auto', 'red', 'blue');
      const told: unknown[] = [];
      grid.addEventListener('ms-connection', ({ state, mode }: MsConnectionEvent) => told.push([state, mode]));
      await until(() => slots.every(({ state }) => state === 'active'));
      expect(told.at(-1)).to.deep.equal(['open', 'multistream']);
      expect([grid.activeMode, slots[0]?.activeMode]).to.deep.equal(['multistream', 'multistream']);
      expect(open()).to.have.length(1);
    });

    for (const multistream of ['silent', 'refused'] as const) {
      it(`is webrtc, a connection for each tile, with a device to which multistream is unknown (${multistream})`, async () => {
        stock = forgetMultistream({ multistream });
        const startedAt = performance.now();
        const { grid, slots } = await wall('auto', 'red', 'blue-180p');
        const [one, two] = slots as [MsSlot, MsSlot];
        await frameOf(one, red);
        await frameOf(two, blue);
        expect(performance.now() - startedAt).to.be.below(multistream === 'silent' ? 5000 : 2000);
        await until(() => slots.every(({ state }) => state === 'active'));
        expect(grid.activeMode).to.equal('webrtc');
        expect(open()).to.have.length(2);
        const playing = stock.sockets.filter(({ readyState }) => readyState === WebSocket.OPEN);
        expect(playing.map(({ url }) => new URL(url).search)).to.have.members(['?src=red', '?src=blue-180p']);
      });
    }

    for (const [what, webrtc] of [
      ['plays nothing by WebRTC either', false],
      ['answers, and no media gets through', 'answered'],
    ] as const) {
      it(`is iframe where a device ${what}, long before a connection would be given up`, async () => {
        stock = forgetMultistream({ multistream: 'refused', webrtc });
        const startedAt = performance.now();
        const { grid, slots } = await wall('auto', 'red');
        await until(() => grid.activeMode === 'iframe');
        expect(performance.now() - startedAt).to.be.below(8000);
        expect(slots[0]?.renderRoot.querySelector('iframe')?.src).to.equal(
          `${installation.device.url}/stream.html?src=red`,
        );
        expect(open()).to.have.length(0);
      });
    }
  });

  for (const multistream of ['silent', 'refused'] as const) {
    it(`stays multistream or socket where a page says so, and says soon that the device does not know it (${multistream})`, async () => {
      stock = forgetMultistream({ multistream });
      const startedAt = performance.now();
      const walls = await Promise.all([wall('multistream', 'red'), wall('socket', 'red')]);
      const text = ({ renderRoot }: MsGrid) => renderRoot.querySelector('[role=alert]')?.textContent ?? '';
      await until(() => walls.every(({ grid }) => text(grid).includes('The device cannot be played in this way')));
      expect(performance.now() - startedAt).to.be.below(6000);
      for (const { grid } of walls) {
        expect(grid.activeMode).to.equal(null);
      }
    });
  }

  describe('webrtc', () => {
    it('has the same attributes, events and methods as multistream', async () => {
      const { slots } = await wall('webrtc', 'red');
      const [slot] = slots as [MsSlot];
      await frameOf(slot, red);
      await until(() => slot.state === 'active');
      const switched = oneEvent<MsSwitchEvent>(slot, 'ms-switch');
      slot.quality = '180p';
      await frameWhere(slot, ({ videoHeight }) => videoHeight === 180);
      expect((await switched).stream).to.equal('red-180p');
      await until(() => slot.state === 'active');
      expect((await slot.snapshot()).type).to.equal('image/png');
      expect(await slot.getStats()).to.deep.include({ width: 320, height: 180 });
    });

    it('keeps the old picture playing until the new connection has one, and then closes the old connection', async () => {
      const { slots } = await wall('webrtc', 'red');
      const [slot] = slots as [MsSlot];
      await frameOf(slot, red);
      const [first] = open();
      slot.stream = 'blue';
      const seen: string[] = [];
      while (seen.at(-1) !== 'blue') {
        seen.push(cameraIn(await nextFrame(slot)));
      }
      expect(new Set(seen)).to.deep.equal(new Set(['red', 'blue']));
      await until(() => open().length === 1);
      expect(first?.connectionState).to.equal('closed');
    });

    it('lets the newest of several wishes win, and leaves no connection of the others', async () => {
      const { slots } = await wall('webrtc', 'red');
      const [slot] = slots as [MsSlot];
      await frameOf(slot, red);
      for (const stream of ['blue', 'green', 'blue', 'green']) {
        slot.stream = stream;
        await slot.updateComplete;
      }
      await frameOf(slot, green);
      await until(() => slot.state === 'active' && open().length === 1);
    });

    it('goes on showing the old picture when a stream does not exist, and says so', async () => {
      const { slots } = await wall('webrtc', 'red', 'nowhere');
      const [one, two] = slots as [MsSlot, MsSlot];
      await until(() => one.state === 'active' && two.state === 'error');
      expect(two.reason).to.equal('The device has no camera “nowhere”');
      one.stream = 'nowhere';
      await until(() => one.state === 'error');
      expect(one.reason).to.equal('The device has no camera “nowhere”');
      await frameOf(one, red);
      one.stream = 'blue';
      await frameOf(one, blue);
      await until(() => one.state === 'active');
    });

    it('keeps the last picture while the device is gone, and plays again once it is back', async function () {
      this.timeout(40_000);
      const { grid, slots } = await wall('webrtc', 'red', 'blue');
      const [one, two] = slots as [MsSlot, MsSlot];
      await until(() => slots.every(({ state }) => state === 'active'));
      await installation.device.kill();
      await until(() => grid.connectionState !== 'open' && one.matches(':state(stale)'));
      expect(cameraIn(shownIn(one))).to.equal('red');
      one.stream = 'green';
      await installation.restart();
      await frameOf(one, green);
      await frameOf(two, blue);
      await until(() => slots.every(({ state }) => state === 'active'));
      expect(open()).to.have.length(2);
    });

    it('mends a single tile whose connection breaks, while the others play on', async () => {
      stock = forgetMultistream({ multistream: 'silent' });
      const { grid, slots } = await wall('webrtc', 'red', 'blue');
      const [one, two] = slots as [MsSlot, MsSlot];
      await until(() => slots.every(({ state }) => state === 'active'));
      const states: string[] = [];
      grid.addEventListener('ms-connection', ({ state }) => states.push(state));
      stock.sockets.find(({ url }) => url.endsWith('src=red'))?.close();
      await until(() => one.state !== 'active');
      expect([cameraIn(shownIn(one)), two.state]).to.deep.equal(['red', 'active']);
      await until(() => one.state === 'active');
      await frameOf(one, red);
      expect(states).to.deep.equal([]);
    });
  });

  describe('iframe', () => {
    it("embeds the device's page for each stream, which plays", async () => {
      const { grid, slots } = await wall('iframe', 'red', 'blue');
      const [one] = slots as [MsSlot];
      await until(() => slots.every(({ state }) => state === 'active'));
      expect(grid.activeMode).to.equal('iframe');
      await oneWatches('red');
      one.stream = 'green';
      await until(() => [...one.renderRoot.querySelectorAll('iframe')].every(({ src }) => src.endsWith('?src=green')));
      await until(() => one.state === 'active');
      await oneWatches('green');
      await expect(grid).to.be.accessible();
    });

    /** Waits until one viewer watches: the device sees a moment later that an earlier one has left. */
    async function oneWatches(stream: string): Promise<void> {
      await until(async () => {
        const response = await fetch(`${installation.device.url}/api/streams`);
        const streams = (await response.json()) as Record<string, { viewers: number }>;
        return streams[stream]?.viewers === 1;
      });
    }
  });

  describe('of a tile with a tour', () => {
    /** Every frame until one of this camera is of the camera before: none is black, or of another one. */
    async function steps(slot: MsSlot, from: string, to: string): Promise<void> {
      for (let camera = from; camera !== to; ) {
        camera = cameraIn(await nextFrame(slot));
        expect(camera).to.be.oneOf([from, to]);
      }
    }

    async function toured(mode: string, dwell: number): Promise<{ slot: MsSlot; statuses: string[] }> {
      const { grid, slots } = await wall(mode, 'red');
      const [slot] = slots as [MsSlot];
      const statuses: string[] = [];
      // So small that `auto` takes the variant of 180 lines.
      grid.style.width = '320px';
      slot.quality = 'auto';
      await until(
        () =>
          slot.state === 'active' && (mode === 'iframe' || slot.renderRoot.querySelector('video')?.videoHeight === 180),
      );
      Object.assign(slot, { streams: 'red blue', dwell });
      await until(() => slot.activeTour !== undefined);
      slot.addEventListener('ms-status', ({ status }) => statuses.push(`${status.stream} ${status.status}`));
      return { slot, statuses };
    }

    it('multistream: starts the next camera in the automatic quality that it is shown in then', async () => {
      const { slot, statuses } = await toured('multistream', 3);
      await steps(slot, 'red', 'blue');
      // The word of the device may come later than the picture.
      await until(() => slot.state === 'active');
      // A camera that is not there yet says `buffering` first.
      expect(statuses).to.deep.equal(['blue-180p active']);
    });

    for (const mode of ['socket', 'webrtc']) {
      it(`${mode}: keeps a picture through each step`, async () => {
        const { slot } = await toured(mode, 60);
        slot.activeTour?.next();
        await steps(slot, 'red', 'blue');
        expect(slot.activeMode).to.equal(mode);
      });
    }

    it('iframe: loads a page at each step', async () => {
      const { slot } = await toured('iframe', 60);
      slot.activeTour?.next();
      const pages = () => [...slot.renderRoot.querySelectorAll('iframe')].map(({ src }) => new URL(src).search);
      await until(() => pages().join() === '?src=blue-180p' && slot.state === 'active');
    });
  });

  it('can be changed while the wall plays', async () => {
    const { grid, slots } = await wall('multistream', 'red');
    const [slot] = slots as [MsSlot];
    await frameOf(slot, red);
    grid.mode = 'webrtc';
    await until(() => grid.activeMode === 'webrtc' && slot.state === 'active');
    await frameOf(slot, red);
    grid.setAttribute('mode', 'iframe');
    await until(() => grid.activeMode === 'iframe' && slot.state === 'active');
    // It is removed in a task of its own.
    await until(() => slot.renderRoot.querySelector('video') === null);
    grid.mode = 'multistream';
    await until(() => grid.activeMode === 'multistream' && slot.state === 'active');
    await frameOf(slot, red);
    // It is removed in a task of its own.
    await until(() => slot.renderRoot.querySelector('iframe') === null);
    expect(open()).to.have.length(1);
  });

  it('can be that of one tile alone, in a wall and without one', async () => {
    const both = await fixture(html`
      <div>
        <ms-grid device-url=${installation.device.url} ice-servers="[]">
          <ms-slot slot="0" stream="red"></ms-slot>
          <ms-slot slot="1" stream="blue" mode="webrtc"></ms-slot>
        </ms-grid>
        <ms-slot device-url=${installation.device.url} stream="green" mode="iframe"></ms-slot>
      </div>
    `);
    const slots = [...both.querySelectorAll('ms-slot')];
    await until(() => slots.every(({ state }) => state === 'active'));
    expect(slots.map(({ activeMode }) => activeMode)).to.deep.equal(['multistream', 'webrtc', 'iframe']);
  });

  it('is named when it is none', async () => {
    const { grid } = await wall('hls', 'red');
    const text = () => grid.renderRoot.querySelector('[role=alert]')?.textContent;
    await until(() => text()?.includes('mode is one of auto, multistream, socket, webrtc, iframe, not "hls"') === true);
    grid.mode = 'auto';
    await until(() => grid.activeMode === 'multistream');
    expect(text()).to.equal(undefined);
  });
});
