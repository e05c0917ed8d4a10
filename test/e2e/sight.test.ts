import { expect, fixture, html } from '@open-wc/testing';
import type { MsStatusEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { hidePage } from '../support/device.ts';
import { interceptNetwork, type Network } from './network.ts';
import { blue, describeEachWay, frameOf, type Installation, install, red, slotsOf, until } from './wall.ts';

describeEachWay('a page out of sight', (way) => {
  let installation: Installation;
  let network: Network;

  before(async () => {
    installation = await install();
    network = interceptNetwork();
  });

  after(async () => {
    network.restore();
    await installation.stop();
  });

  it('is paused on the device 5 s after its tab was hidden, but for eager tiles, and plays on when it is seen', async () => {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]">
        <ms-slot slot="0" stream="red"></ms-slot>
        <ms-slot slot="1" stream="blue" eager></ms-slot>
      </ms-grid>
    `);
    const [lazy, eager] = slotsOf(grid) as [MsSlot, MsSlot];
    await frameOf(lazy, red);
    await frameOf(eager, blue);
    await until(() => lazy.state === 'active' && eager.state === 'active');
    // A hidden page has no animation frames: what happens there is known by events.
    const paused = status(lazy, 'paused');
    const hiddenAt = new Promise<number>((resolve) =>
      document.addEventListener('visibilitychange', () => resolve(performance.now()), { once: true }),
    );
    const show = await hidePage();
    const seconds = ((await paused) - (await hiddenAt)) / 1000;
    expect(document.hidden).to.equal(true);
    expect(seconds).to.be.at.least(4.9);
    expect(eager.state).to.equal('active');
    const active = status(lazy, 'active');
    await show();
    await active;
    await frameOf(lazy, red);
    await frameOf(eager, blue);
    expect(network.opened, 'sessions').to.equal(1);
  });

  it('lets go of the connection of a tile that is scrolled away in mode webrtc, and of no other', async () => {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} ice-servers="[]" mode="webrtc" columns="1">
        <ms-slot slot="0" stream="red"></ms-slot>
        <ms-slot slot="1" stream="blue"></ms-slot>
      </ms-grid>
    `);
    const [seen, away] = slotsOf(grid) as [MsSlot, MsSlot];
    await frameOf(seen, red);
    await frameOf(away, blue);
    await until(() => seen.state === 'active' && away.state === 'active');
    expect(network.sockets).to.equal(2);
    const [paused, active] = [status(away, 'paused'), status(away, 'active')];
    away.style.transform = 'translateY(5000px)';
    await paused;
    await until(() => network.sockets === 1);
    while ((await viewersOf('blue')) !== 0) {
      // The device sees a moment later that its socket is closed.
    }
    expect(await viewersOf('red')).to.equal(1);
    expect([seen.state, away.state]).to.deep.equal(['active', 'paused']);
    away.style.transform = '';
    await active;
    await frameOf(away, blue);
    await frameOf(seen, red);
    expect(network.sockets).to.equal(2);
  });

  /** How many slots the device fills with it. */
  async function viewersOf(stream: string): Promise<number> {
    const response = await fetch(`${installation.device.url}/api/streams`);
    return ((await response.json()) as Record<string, { viewers: number }>)[stream]?.viewers ?? -1;
  }

  /** When the device said that the tile is in this state. */
  function status(slot: MsSlot, state: string): Promise<number> {
    return new Promise((resolve) => {
      slot.addEventListener('ms-status', function see({ status }: MsStatusEvent) {
        if (status.status === state) {
          slot.removeEventListener('ms-status', see);
          resolve(performance.now());
        }
      });
    });
  }
});
