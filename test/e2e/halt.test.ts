import { expect, fixture, html } from '@open-wc/testing';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
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

describeEachWay('a wall whose device stands still and goes on', (way) => {
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

  async function wall(): Promise<{ one: MsSlot; two: MsSlot }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]">
        <ms-slot slot="0" stream="red"></ms-slot>
        <ms-slot slot="1" stream="blue"></ms-slot>
      </ms-grid>
    `);
    const [one, two] = slotsOf(grid) as [MsSlot, MsSlot];
    await frameOf(one, red);
    await frameOf(two, blue);
    await until(() => one.state === 'active' && two.state === 'active');
    return { one, two };
  }

  it('keeps the last pictures meanwhile, and then plays what is wished for by now', async function () {
    this.timeout(60_000);
    network = interceptNetwork();
    const { one, two } = await wall();
    await installation.device.halt();
    try {
      await until(() => one.state !== 'active' && two.state !== 'active');
      const video = videoOf(two);
      expect(video !== null && isColor(video, blue)).to.equal(true);
      one.stream = 'green';
      // Attempts at a device that takes the connection and says nothing.
      await until(() => network.opened >= 2);
    } finally {
      await installation.device.continue();
    }
    await frameOf(one, green);
    await frameOf(two, blue);
    await until(() => one.state === 'active' && two.state === 'active');
    expect(one.activeMode).to.equal(way);
  });
});
