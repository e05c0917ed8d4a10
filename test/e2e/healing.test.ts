import { expect, fixture, html } from '@open-wc/testing';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { goOffline } from '../support/device.ts';
import { isColor } from '../support/picture.ts';
import { removeFixtures } from '../support/removed.ts';
import { interceptNetwork, type Network } from './network.ts';
import {
  blue,
  describeEachWay,
  frameOf,
  green,
  type Installation,
  install,
  red,
  slotsOf,
  until,
  videoOf,
} from './wall.ts';

describeEachWay('a wall whose connection is lost', (way) => {
  let installation: Installation;
  let network: Network;

  before(async () => {
    installation = await install();
  });

  afterEach(async () => {
    await removeFixtures();
    network.restore();
  });

  after(() => installation.stop());

  async function wall(...streams: string[]): Promise<{ grid: MsGrid; slots: MsSlot[] }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]">
        ${streams.map((stream, i) => html`<ms-slot slot=${i} stream=${stream}></ms-slot>`)}
      </ms-grid>
    `);
    return { grid, slots: slotsOf(grid) };
  }

  function keepsPicture(slot: MsSlot, color: typeof red): boolean {
    const video = videoOf(slot);
    return video !== null && isColor(video, color);
  }

  it('keeps the last picture while the device is gone, and plays what is wished for once it is back', async function () {
    this.timeout(40_000);
    network = interceptNetwork();
    const { grid, slots } = await wall('red', 'green');
    const [one, two] = slots as [MsSlot, MsSlot];
    await frameOf(one, red);
    await frameOf(two, green);
    await installation.device.kill();
    await until(() => grid.connectionState !== 'open' && one.matches(':state(stale)'));
    expect(keepsPicture(one, red)).to.equal(true);
    expect(one.state).to.be.oneOf(['waiting', 'connecting']);
    one.stream = 'blue';
    await installation.restart();
    await frameOf(one, blue);
    await frameOf(two, green);
    await until(() => slots.every(({ state }) => state === 'active'));
    expect(one.matches(':state(stale)')).to.equal(false);
    expect(network.sockets).to.equal(1);
  });

  it('plays again within a moment after its WebSocket was cut', async () => {
    network = interceptNetwork();
    const { slots } = await wall('red', 'blue');
    const [one, two] = slots as [MsSlot, MsSlot];
    await frameOf(one, red);
    const cutAt = performance.now();
    network.cutSockets();
    await until(() => one.state !== 'active');
    expect(keepsPicture(one, red)).to.equal(true);
    await until(() => slots.every(({ state }) => state === 'active'));
    await frameOf(one, red);
    await frameOf(two, blue);
    expect(performance.now() - cutAt).to.be.below(3000);
    expect(network.sockets).to.equal(1);
  });

  // The WebSocket's own pictures have no other path to lose.
  if (way === 'multistream') {
    it('notices that no media comes any more, though the WebSocket lives, and takes a new path', async function () {
      this.timeout(40_000);
      network = interceptNetwork({ media: true });
      const { grid, slots } = await wall('red', 'blue');
      const [one, two] = slots as [MsSlot, MsSlot];
      await frameOf(one, red);
      await frameOf(two, blue);
      const before = network.opened;
      await network.cutMedia();
      await until(() => network.opened > before);
      expect(keepsPicture(one, red)).to.equal(true);
      await until(() => grid.connectionState === 'open' && slots.every(({ state }) => state === 'active'));
      await frameOf(one, red);
      await frameOf(two, blue);
    });
  }

  it('does not wait for its next attempt when the page is online again', async function () {
    this.timeout(40_000);
    network = interceptNetwork();
    const { grid, slots } = await wall('red');
    const [one] = slots as [MsSlot];
    await frameOf(one, red);
    await installation.device.kill();
    // The fourth attempt and those after it are seconds apart.
    const before = network.opened;
    await until(() => network.opened >= before + 3 && grid.connectionState === 'waiting');
    await installation.restart();
    window.dispatchEvent(new Event('online'));
    expect(grid.connectionState).to.equal('connecting');
    await until(() => one.state === 'active');
    await frameOf(one, red);
  });

  it('stays with its last picture while the page is offline, and plays at once when it is back', async function () {
    this.timeout(40_000);
    network = interceptNetwork();
    const { grid, slots } = await wall('red', 'blue');
    const [one, two] = slots as [MsSlot, MsSlot];
    await until(() => slots.every(({ state }) => state === 'active'));
    const offline = new Promise((resolve) => addEventListener('offline', resolve, { once: true }));
    const online = new Promise((resolve) =>
      addEventListener('online', () => resolve(grid.connectionState), { once: true }),
    );
    // By then the attempts are seconds apart.
    const back = goOffline(3500);
    await offline;
    network.cutSockets();
    await until(() => grid.connectionState === 'waiting');
    expect(keepsPicture(one, red)).to.equal(true);
    expect(await online).to.equal('connecting');
    const backAt = performance.now();
    await frameOf(one, red);
    await frameOf(two, blue);
    expect(performance.now() - backAt).to.be.below(2500);
    await back;
  });
});
