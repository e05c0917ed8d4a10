import { expect, fixture, fixtureCleanup, html } from '@open-wc/testing';
import type { MsGrid } from '../../src/ms-grid.ts';
import type { MsSlot } from '../../src/ms-slot.ts';
import { frameOf, frameWhere, type Installation, install, red, slotsOf, until } from './wall.ts';

describe('a tile that cares for its picture', () => {
  let installation: Installation;

  before(async () => {
    installation = await install();
  });

  afterEach(async () => {
    fixtureCleanup();
    // What is removed for good lets go a task later.
    await new Promise((resolve) => setTimeout(resolve));
  });

  after(() => installation.stop());

  async function wall(content: unknown, width = 800): Promise<{ grid: MsGrid; slots: MsSlot[] }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} ice-servers="[]" style="width: ${width}px">${content}</ms-grid>
    `);
    return { grid, slots: slotsOf(grid) };
  }

  it('takes the variant that fits its size, and another one when its size changes', async () => {
    const { grid, slots } = await wall(html`<ms-slot slot="0" stream="red" quality="auto"></ms-slot>`, 320);
    const [slot] = slots as [MsSlot];
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 180);
    expect(slot.getAttribute('quality')).to.equal('auto');
    grid.style.width = '780px';
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 360);
    grid.style.width = '250px';
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 180);
  });

  it('takes a better variant in the spotlight', async () => {
    const { grid, slots } = await wall(
      [0, 1, 2, 3].map((i) => html`<ms-slot slot=${i} stream="red" quality="auto"></ms-slot>`),
      720,
    );
    const [one, two] = slots as [MsSlot, MsSlot];
    await until(() => slots.every(({ state }) => state === 'active'));
    expect((await frameOf(one, red)).videoHeight).to.equal(180);
    grid.spotlight(one);
    await frameWhere(one, ({ videoHeight }) => videoHeight === 360);
    await frameWhere(two, ({ videoHeight }) => videoHeight === 180);
  });

  it('is paused on the device while nobody can see it, and plays again when it can be seen', async () => {
    const { slots } = await wall(html`
      <ms-slot slot="0" stream="red"></ms-slot>
      <ms-slot slot="1" stream="blue" eager></ms-slot>
    `);
    const [one, eager] = slots as [MsSlot, MsSlot];
    await until(() => slots.every(({ state }) => state === 'active'));
    const grid = one.parentElement as MsGrid;
    grid.style.marginTop = '400vh';
    await until(() => one.state === 'paused');
    expect(eager.state).to.equal('active');
    const paused = await packetsOf(one);
    grid.style.marginTop = '0';
    await until(() => one.state === 'active');
    // Chrome gives the same report again for 50 ms: the first one may still be that of the pause.
    while ((await packetsOf(one)) <= paused) {
      await frameOf(one, red);
    }
  });

  async function packetsOf(slot: MsSlot): Promise<number> {
    const stats = await slot.getStats();
    return [...(stats?.report.values() ?? [])].find(({ type }) => type === 'inbound-rtp').packetsReceived;
  }
});
