import { expect, fixture, html, waitUntil } from '@open-wc/testing';
import { MsGrid, MsSlot } from '../../src/define.ts';
import type { MsStatusEvent } from '../../src/elements/events.ts';
import { ScriptedDevice } from '../client/scripted-device.ts';
import { removeFixtures } from '../support/removed.ts';
import { connectTo } from './network.ts';

/** A page may expect of a guest what it expects of the platform's own elements. */
describe('an element as a guest in a page', () => {
  let disconnect: () => void;

  beforeEach(() => {
    disconnect = connectTo(new ScriptedDevice({}));
  });

  afterEach(async () => {
    await removeFixtures();
    disconnect();
  });

  function wall(): Promise<MsGrid> {
    return fixture<MsGrid>(html`
      <ms-grid device-url="http://device.test" ice-servers="[]"><ms-slot slot="0" stream="red"></ms-slot></ms-grid>
    `);
  }

  async function plays(slot: MsSlot): Promise<void> {
    await waitUntil(() => slot.state === 'active', 'active', { timeout: 5000 });
  }

  it('is a block, and nothing when it is hidden', async () => {
    const grid = await wall();
    const slot = grid.slots[0] as MsSlot;
    for (const element of [grid, slot]) {
      expect(getComputedStyle(element).display).to.equal('block');
      element.hidden = true;
      expect(getComputedStyle(element).display).to.equal('none');
      element.hidden = false;
    }
  });

  it('gives itself no class and no children, and says its state where styles can see it', async () => {
    const grid = await wall();
    const slot = grid.slots[0] as MsSlot;
    await plays(slot);
    expect(slot.matches(':state(active)')).to.equal(true);
    expect([grid.className, slot.className, slot.childNodes.length]).to.deep.equal(['', '', 0]);
    expect([...grid.children]).to.deep.equal([slot]);
  });

  it('is made by its constructor without a document, and takes its place whole', async () => {
    const grid = new MsGrid();
    const slot = new MsSlot();
    expect([grid.getAttributeNames(), slot.getAttributeNames()]).to.deep.equal([[], []]);
    grid.deviceUrl = 'http://device.test';
    grid.iceServers = [];
    slot.stream = 'red';
    grid.append(slot);
    const holder = await fixture(html`<div></div>`);
    holder.append(grid);
    await plays(slot);
  });

  it('is copied with its attributes, and the copy plays too', async () => {
    const grid = await wall();
    const copy = grid.cloneNode(true) as MsGrid;
    grid.replaceWith(copy);
    await plays(copy.slots[0] as MsSlot);
  });

  it('fires what happens to it, and not what the page does: setting a property fires nothing by itself', async () => {
    const grid = await wall();
    const slot = grid.slots[0] as MsSlot;
    await plays(slot);
    const heard: string[] = [];
    for (const type of ['ms-status', 'ms-switch', 'ms-error', 'ms-connection']) {
      grid.addEventListener(type, () => heard.push(type));
    }
    slot.label = 'Door';
    slot.fit = 'cover';
    grid.columns = 2;
    slot.stream = 'blue';
    expect(heard).to.deep.equal([]);
    await waitUntil(() => heard.includes('ms-switch'), 'switched', { timeout: 5000 });
  });

  it("lives in the page's shadow roots, and its events come out of them", async () => {
    const host = await fixture(html`<div></div>`);
    const heard: string[] = [];
    host.addEventListener('ms-status', (event) => heard.push((event as MsStatusEvent).status.stream));
    const root = host.attachShadow({ mode: 'open' });
    root.innerHTML = `
      <ms-grid device-url="http://device.test" ice-servers="[]"><p><ms-slot slot="0" stream="red"></ms-slot></p></ms-grid>
    `;
    const slot = root.querySelector('ms-slot') as MsSlot;
    await plays(slot);
    expect(heard).to.include('red');
  });

  it("keeps its looks under a page's reset of everything", async () => {
    const reset = document.createElement('style');
    reset.textContent = 'div, span, p, video, button { all: unset !important; }';
    document.head.append(reset);
    try {
      const grid = await wall();
      const slot = grid.slots[0] as MsSlot;
      await plays(slot);
      const { width, height } = slot.getBoundingClientRect();
      expect(width / height).to.be.closeTo(16 / 9, 0.02);
      const video = slot.renderRoot.querySelector('video') as HTMLVideoElement;
      expect(video.getBoundingClientRect().width).to.be.closeTo(width, 1);
    } finally {
      reset.remove();
    }
  });

  it('can be extended under another name', async () => {
    class DoorSlot extends MsSlot {
      override stream = 'red';
      override label = 'Door';
    }
    customElements.define('door-slot', DoorSlot);
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url="http://device.test" ice-servers="[]"><door-slot></door-slot></ms-grid>
    `);
    const [slot] = grid.slots;
    expect(slot).to.be.instanceOf(DoorSlot);
    await plays(slot as MsSlot);
  });
});
