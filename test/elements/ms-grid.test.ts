import { expect, fixture, html, nextFrame, oneEvent, waitUntil } from '@open-wc/testing';
import '../../src/define.ts';
import type { MsConnectionEvent, MsErrorEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { colourOf } from '../client/pictures.ts';
import { ScriptedDevice } from '../client/scripted-device.ts';
import { removeFixtures } from '../support/removed.ts';
import { connectTo } from './network.ts';

describe('<ms-grid>', () => {
  let device: ScriptedDevice;
  let disconnect: () => void;

  beforeEach(() => {
    device = new ScriptedDevice();
    disconnect = connectTo(device);
  });

  afterEach(async () => {
    await removeFixtures();
    disconnect();
  });

  async function wall(content: unknown): Promise<MsGrid> {
    return fixture<MsGrid>(html`<ms-grid device-url="http://device.test" ice-servers="[]">${content}</ms-grid>`);
  }

  function slotsOf(root: ParentNode): MsSlot[] {
    return [...root.querySelectorAll('ms-slot')];
  }

  async function plays(...slots: MsSlot[]): Promise<void> {
    await waitUntil(() => slots.every(({ state }) => state === 'active'), 'all active', { timeout: 5000 });
  }

  /** The names of the cells in reading order, as they are laid out. */
  function layout(grid: MsGrid): string[] {
    const place = (element: Element) => element.getBoundingClientRect();
    return [...grid.children]
      .sort((a, b) => place(a).top - place(b).top || place(a).left - place(b).left)
      .map(
        (cell) => (cell.matches('ms-slot') ? cell : cell.querySelector('ms-slot'))?.getAttribute('stream') ?? cell.id,
      );
  }

  it('opens one connection for all of its slots', async () => {
    const grid = await wall(html`
      <ms-slot slot="0" stream="red"></ms-slot>
      <div><section><ms-slot slot-index="1" stream="green"></ms-slot></section></div>
      <ms-slot slot="2" stream="blue"></ms-slot>
    `);
    await plays(...slotsOf(grid));
    expect(device.heardTypes()).to.deep.equal(['multistream/init', 'multistream/offer']);
    expect(grid.connectionState).to.equal('open');
  });

  it('shows each slot at the place of its number, in whichever order and depth it is written', async () => {
    const grid = await wall(html`
      <ms-slot slot="5" stream="five"></ms-slot>
      <div><ms-slot slot="1" stream="one"></ms-slot></div>
      <ms-slot slot-index="3" stream="three"></ms-slot>
      <ms-slot slot="0" stream="zero"></ms-slot>
    `);
    expect(layout(grid)).to.deep.equal(['zero', 'one', 'three', 'five']);
    expect(slotsOf(grid).every((slot) => slot.checkVisibility())).to.equal(true);
  });

  it('puts them in order again when slots come, go and change their numbers', async () => {
    const grid = await wall(html`<ms-slot slot="0" stream="a"></ms-slot><ms-slot slot="2" stream="c"></ms-slot>`);
    const added = document.createElement('ms-slot');
    added.setAttribute('stream', 'b');
    added.setAttribute('slot', '1');
    grid.append(added);
    await nextFrame();
    expect(layout(grid)).to.deep.equal(['a', 'b', 'c']);
    added.index = 7;
    await nextFrame();
    expect(layout(grid)).to.deep.equal(['a', 'c', 'b']);
    grid.firstElementChild?.remove();
    await nextFrame();
    expect(layout(grid)).to.deep.equal(['c', 'b']);
  });

  it('makes a square of its cells, or as many columns as it is told', async () => {
    const slots = [0, 1, 2, 3, 4, 5].map((n) => html`<ms-slot slot=${n}></ms-slot>`);
    const grid = await wall(slots);
    const columns = () =>
      getComputedStyle(grid.renderRoot.querySelector('.wall') as Element).gridTemplateColumns.split(' ').length;
    expect(columns()).to.equal(3);
    grid.setAttribute('columns', '6');
    await grid.updateComplete;
    expect(columns()).to.equal(6);
    const odd = [];
    for (const value of ['-2', '0', 'many', '2.5']) {
      grid.setAttribute('columns', value);
      await grid.updateComplete;
      odd.push(columns());
    }
    expect(odd).to.deep.equal([3, 3, 3, 2]);
    grid.setAttribute('columns', '6');
    await grid.updateComplete;
    const { width, height } = (grid.firstElementChild as Element).getBoundingClientRect();
    expect(width / height).to.be.closeTo(16 / 9, 0.01);
  });

  it('tells the states of its connection', async () => {
    const states: string[] = [];
    const listener = ({ state }: MsConnectionEvent) => states.push(state);
    document.body.addEventListener('ms-connection', listener);
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot>`);
    await plays(...slotsOf(grid));
    document.body.removeEventListener('ms-connection', listener);
    expect(states).to.deep.equal(['connecting', 'open']);
  });

  it('explains once, not in every tile, why there is no connection', async () => {
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot>`);
    grid.deviceUrl = 'http://127.0.0.1:9';
    const { error } = await oneEvent<MsErrorEvent>(grid, 'ms-error');
    expect(error).to.deep.include({ name: 'ConnectionError', reason: 'unreachable' });
    expect(error.message).to.contain('ws://127.0.0.1:9/api/ws');
    const alert = () => grid.renderRoot.querySelector('[role=alert]')?.textContent;
    await waitUntil(() => alert()?.includes('http://127.0.0.1:9'), 'the notice', { timeout: 5000 });
    expect(slotsOf(grid)[0]?.renderRoot.querySelector('[part=reason]')).to.equal(null);
  });

  it('moves to another device when its address changes', async () => {
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot>`);
    await plays(...slotsOf(grid));
    const [first] = device.sessions;
    grid.deviceUrl = 'http://device.test/other';
    await waitUntil(() => device.sessions.length === 2);
    await plays(...slotsOf(grid));
    expect(device.newest.socket.url).to.equal('ws://device.test/other/api/ws');
    expect(first?.socket.readyState).to.equal(WebSocket.CLOSED);
  });

  it('says what ice-servers looks like when it cannot be read, and connects once it can', async () => {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url="http://device.test" ice-servers="[stun]"><ms-slot slot="0" stream="red"></ms-slot></ms-grid>
    `);
    const told = () => grid.renderRoot.querySelector('[role=alert]')?.textContent;
    await waitUntil(() => told()?.includes('ice-servers is not a JSON list'));
    expect(device.sessions).to.have.length(0);
    grid.setAttribute('ice-servers', '[]');
    await plays(...slotsOf(grid));
    expect(grid.renderRoot.querySelector('[role=alert]')).to.equal(null);
  });

  it('keeps its connection when it is moved, and closes it when it is removed', async () => {
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot>`);
    await plays(...slotsOf(grid));
    const place = document.createElement('div');
    grid.parentElement?.append(place);
    place.append(grid);
    await nextFrame();
    await plays(...slotsOf(grid));
    expect(device.sessions).to.have.length(1);
    grid.remove();
    await waitUntil(() => device.newest.socket.readyState === WebSocket.CLOSED);
    expect(grid.connectionState).to.equal('idle');
  });

  it('shares its connection with another grid of the same device', async () => {
    const both = await fixture(html`
      <div>
        <ms-grid device-url="http://device.test" ice-servers="[]"><ms-slot slot="0" stream="red"></ms-slot></ms-grid>
        <ms-grid device-url="http://device.test" ice-servers="[]"><ms-slot slot="0" stream="blue"></ms-slot></ms-grid>
      </div>
    `);
    await plays(...slotsOf(both));
    expect(device.sessions).to.have.length(1);
    both.firstElementChild?.remove();
    await nextFrame();
    await plays(...slotsOf(both));
    expect(device.sessions).to.have.length(1);
  });

  it('shares its connection with a single tile outside, however the address is written', async () => {
    const both = await fixture(html`
      <div>
        <ms-grid device-url="http://device.test" ice-servers="[]"><ms-slot slot="0" stream="red"></ms-slot></ms-grid>
        <ms-slot device-url="http://device.test/" stream="blue"></ms-slot>
      </div>
    `);
    await plays(...slotsOf(both));
    expect(device.sessions).to.have.length(1);
    both.lastElementChild?.remove();
    await waitUntil(() => device.heardTypes().includes('multistream/pause'));
    expect(device.sessions).to.have.length(1);
  });

  it('holds tiles of several devices', async () => {
    const grid = await wall(html`
      <ms-slot slot="0" stream="red"></ms-slot>
      <ms-slot slot="1" stream="blue" device-url="http://device.test/other"></ms-slot>
      <ms-slot slot="2" stream="green" device-url="http://device.test/other"></ms-slot>
    `);
    await plays(...slotsOf(grid));
    expect(device.sessions.map(({ socket }) => socket.url)).to.have.members([
      'ws://device.test/api/ws',
      'ws://device.test/other/api/ws',
    ]);
  });

  it('goes on playing while its slots are added, removed, moved and renumbered in one task', async () => {
    const grid = await wall(html`
      <ms-slot slot="0" stream="red"></ms-slot>
      <ms-slot slot="1" stream="green"></ms-slot>
      <ms-slot slot="2" stream="blue"></ms-slot>
    `);
    const [red, green, blue] = slotsOf(grid) as [MsSlot, MsSlot, MsSlot];
    await plays(red, green, blue);
    const video = blue.renderRoot.querySelector('video');
    const added = document.createElement('ms-slot');
    added.stream = 'yellow';
    green.remove();
    grid.prepend(blue, added);
    red.index = 2;
    blue.index = 0;
    await plays(red, blue, added);
    expect(device.sessions).to.have.length(1);
    expect(blue.renderRoot.querySelector('video')).to.equal(video);
    expect(video?.paused).to.equal(false);
  });

  it('ends its connection when it is told to, keeps the pictures, and connects again', async () => {
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot>`);
    const [slot] = slotsOf(grid) as [MsSlot];
    await plays(slot);
    grid.disconnect();
    await waitUntil(() => device.newest.socket.readyState === WebSocket.CLOSED);
    expect(grid.connectionState).to.equal('idle');
    expect(slot.renderRoot.querySelector('video')).not.to.equal(null);
    grid.connect();
    await plays(slot);
  });

  it('plays all tiles where the device allows fewer in a session than there are', async () => {
    disconnect();
    device = new ScriptedDevice({ maxSlots: 1 });
    disconnect = connectTo(device);
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot><ms-slot slot="1" stream="blue"></ms-slot>`);
    const [first, second] = slotsOf(grid) as [MsSlot, MsSlot];
    await plays(first);
    await plays(second);
  });

  it('keeps the last pictures of a session that is lost beside another one', async () => {
    disconnect();
    device = new ScriptedDevice({ maxSlots: 1 });
    disconnect = connectTo(device);
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot><ms-slot slot="1" stream="blue"></ms-slot>`);
    const [first, second] = slotsOf(grid) as [MsSlot, MsSlot];
    await plays(first, second);
    const video = (slot: MsSlot) => slot.renderRoot.querySelector('video') as HTMLVideoElement;
    const colours = new Set<string>();
    device.unplug([device.newest]);
    await waitUntil(() => second.state !== 'active');
    for (let frame = 0; frame < 30; frame += 1) {
      // The browser draws a black frame of a track that ended, unless the video is paused.
      colours.add(colourOf(video(second)));
      await nextFrame();
    }
    expect([...colours, video(second).paused, video(first).paused]).to.deep.equal(['blue', true, false]);
    device.plugIn();
    await plays(first, second);
    await waitUntil(() => colourOf(video(second)) === 'blue' && !video(second).paused);
  });

  it('leaves the first definition alone when a second copy is loaded', async () => {
    const before = customElements.get('ms-grid');
    const copy = '../../src/define.ts?copy';
    await import(copy);
    expect(customElements.get('ms-grid')).to.equal(before);
  });
});
