import { expect, fixture, fixtureCleanup, html, nextFrame, oneEvent, waitUntil } from '@open-wc/testing';
import '../../src/define.ts';
import type { MsSwitchEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { absence } from '../../src/elements/portable-element.ts';
import { coloursUntil } from '../client/pictures.ts';
import { ScriptedDevice } from '../client/scripted-device.ts';
import { connectTo } from './network.ts';

describe('a wall that its page moves', () => {
  let device: ScriptedDevice;
  let disconnect: () => void;

  beforeEach(() => {
    device = new ScriptedDevice();
    disconnect = connectTo(device);
  });

  afterEach(async () => {
    absence.limit = 0;
    fixtureCleanup();
    for (const frame of document.querySelectorAll('iframe.window')) {
      frame.remove();
    }
    await new Promise((resolve) => setTimeout(resolve));
    disconnect();
  });

  async function wall(): Promise<{ grid: MsGrid; slot: MsSlot }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url="http://device.test" ice-servers="[]" controls><ms-slot slot="0" stream="red"></ms-slot></ms-grid>
    `);
    const [slot] = grid.slots as [MsSlot];
    await plays(slot);
    return { grid, slot };
  }

  async function plays(slot: MsSlot): Promise<void> {
    await waitUntil(() => slot.state === 'active', 'active', { timeout: 5000 });
    await slot.updateComplete;
    await coloursUntil(videoOf(slot), 'red');
  }

  function videoOf(slot: MsSlot): HTMLVideoElement {
    return slot.renderRoot.querySelector('video') as HTMLVideoElement;
  }

  /** Another document with a window, as a pop-up or Document Picture-in-Picture has one. */
  async function openWindow(): Promise<Document> {
    const frame = document.createElement('iframe');
    frame.className = 'window';
    Object.assign(frame.style, { width: '600px', height: '400px' });
    document.body.append(frame);
    await nextFrame();
    return frame.contentDocument as Document;
  }

  function looks({ grid, slot }: { grid: MsGrid; slot: MsSlot }): unknown {
    const style = (element: Element | null) => getComputedStyle(element as Element);
    return [
      style(slot).aspectRatio,
      style(slot).overflow,
      style(grid.renderRoot.querySelector('.wall')).display,
      style(videoOf(slot)).position,
      style(slot.renderRoot.querySelector('[part=badge]')).display,
      style(slot.renderRoot.querySelector('.live')).clipPath,
    ];
  }

  it('looks and plays there as it did, and when it is back', async () => {
    const all = await wall();
    const before = looks(all);
    const video = videoOf(all.slot);
    const home = all.grid.parentElement as Element;
    for (const place of [(await openWindow()).body, home, (await openWindow()).body, home]) {
      place.append(all.grid);
      await plays(all.slot);
      expect(looks(all)).to.deep.equal(before);
      expect(videoOf(all.slot)).to.equal(video);
      // The tile hears of new frames there, too.
      const switched = oneEvent<MsSwitchEvent>(all.slot, 'ms-switch');
      all.slot.stream = 'blue';
      expect((await switched).milliseconds).to.be.within(0, 2000);
      all.slot.stream = 'red';
    }
    expect(device.sessions).to.have.length(1);
  });

  it('stays unpaused there, as the observers of its new window see it', async () => {
    const { grid, slot } = await wall();
    const other = await openWindow();
    other.body.append(grid);
    other.documentElement.style.height = '5000px';
    await plays(slot);
    grid.style.marginTop = '4000px';
    await waitUntil(() => device.heardTypes().includes('multistream/pause'), 'paused', { timeout: 5000 });
    grid.style.marginTop = '';
    await waitUntil(() => device.heardTypes().includes('multistream/resume'), 'resumed', { timeout: 5000 });
  });

  it('works when it is made here and put right into another document', async () => {
    const other = await openWindow();
    const grid = document.createElement('ms-grid');
    Object.assign(grid, { deviceUrl: 'http://device.test', iceServers: [] });
    const slot = document.createElement('ms-slot');
    slot.stream = 'red';
    grid.append(slot);
    other.body.append(grid);
    await plays(slot);
    expect(getComputedStyle(slot).aspectRatio).to.equal('16 / 9');
    grid.remove();
  });

  it('lets go when the window that it is in is closed', async () => {
    const { grid } = await wall();
    const other = await openWindow();
    other.body.append(grid);
    await nextFrame();
    other.defaultView?.frameElement?.remove();
    await waitUntil(() => device.newest.socket.readyState === WebSocket.CLOSED, 'closed', { timeout: 5000 });
  });

  it('keeps session and picture while it is out of the document for less than its limit', async () => {
    absence.limit = 60_000;
    const { grid, slot } = await wall();
    const video = videoOf(slot);
    const home = grid.parentElement as Element;
    grid.remove();
    await new Promise((resolve) => setTimeout(resolve, 50));
    home.append(grid);
    await plays(slot);
    slot.remove();
    await new Promise((resolve) => setTimeout(resolve, 50));
    grid.append(slot);
    await plays(slot);
    expect(videoOf(slot)).to.equal(video);
    expect(device.heardTypes()).to.deep.equal(['multistream/init', 'multistream/offer']);
  });

  it('is out for five seconds before it lets go', async function () {
    this.timeout(15_000);
    absence.limit = 5000;
    const { grid, slot } = await wall();
    const removedAt = performance.now();
    grid.remove();
    await waitUntil(() => device.newest.socket.readyState === WebSocket.CLOSED, 'closed', { timeout: 10_000 });
    expect(performance.now() - removedAt).to.be.within(4900, 8000);
    expect(slot.renderRoot.querySelector('video')).to.equal(null);
  });

  it('gives its place at the device to a tile that comes meanwhile, where there is no other', async () => {
    absence.limit = 60_000;
    disconnect();
    device = new ScriptedDevice({ maxSlots: 1 });
    disconnect = connectTo(device);
    absence.limit = 60_000;
    const { grid, slot } = await wall();
    const sessions = device.sessions.length;
    slot.remove();
    const next = document.createElement('ms-slot');
    next.stream = 'green';
    grid.append(next);
    await waitUntil(() => next.state === 'active', 'active', { timeout: 5000 });
    expect(device.sessions).to.have.length(sessions);
    expect(slot.renderRoot.querySelector('video')).to.equal(null);
  });
});
