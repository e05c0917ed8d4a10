import { expect, fixture, html, oneEvent, waitUntil } from '@open-wc/testing';
import { sendKeys, sendMouse } from '@web/test-runner-commands';
import type { DeviceConnection, Wish } from '../../src/client/device-connection.ts';
import { TourCameras } from '../../src/elements/extras/tour-cameras.ts';
import { pageAfter, place, TourOrder } from '../../src/elements/extras/tour-order.ts';
import type { MsTourEvent, Tour } from '../../src/elements/extras/tours.ts';
import { loadStrings } from '../../src/elements/extras/words.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { hidePage, touch } from '../support/device.ts';
import { button, clickOn, type Stage, setUp } from './wall-of-four.ts';

describe('a page of a tour', () => {
  const none = () => false;

  it('has the cameras that come next in a list without an end', () => {
    expect(pageAfter(-1, 1, 4, 10, none)).to.deep.equal([0, 1, 2, 3]);
    expect(pageAfter(7, 1, 4, 10, none)).to.deep.equal([8, 9, 0, 1]);
    expect(pageAfter(0, -1, 4, 10, none)).to.deep.equal([6, 7, 8, 9]);
  });

  it('passes over cameras that are offline, as long as others can take their places', () => {
    const offline = (index: number) => [1, 2].includes(index);
    expect(pageAfter(-1, 1, 2, 5, offline)).to.deep.equal([0, 3]);
    expect(pageAfter(3, -1, 2, 5, offline)).to.deep.equal([4, 0]);
    expect(pageAfter(-1, 1, 4, 5, offline)).to.deep.equal([0, 3, 4, 1]);
    expect(pageAfter(-1, 1, 3, 2, none)).to.deep.equal([0, 1]);
  });

  it('is turned both ways from any camera, and names its places and the cameras that it passes over', () => {
    const offline = new Set(['b']);
    const order = new TourOrder({ streams: ['a', { stream: 'b', label: 'Gate' }, 'c', 'd'] }, (one) =>
      offline.has(one),
    );
    const names = (page: readonly { stream: string }[]) => page.map(({ stream }) => stream).join('');
    order.begin('c', 2);
    expect([names(order.page), order.position]).to.deep.equal(['cd', '3–4 / 4']);
    expect([names(order.next(2)), names(order.passedOver(2))]).to.deep.equal(['ac', 'b']);
    order.turn(1, 2);
    expect([names(order.page), order.position]).to.deep.equal(['ac', '1–3 / 4']);
    offline.clear();
    order.turn(-1, 1);
    expect([names(order.page), order.position]).to.deep.equal(['d', '4 / 4']);
    order.turn(-1, 3);
    expect(order.page).to.deep.equal([{ stream: 'a' }, { stream: 'b', label: 'Gate' }, { stream: 'c' }]);
    order.begin('a camera of no tour', 2);
    expect([names(order.page), order.exceeds(2), order.exceeds(4)]).to.deep.equal(['ab', true, false]);
    const empty = new TourOrder({ streams: [] }, () => false);
    empty.begin(undefined, 4);
    empty.turn(1, 4);
    expect([empty.page, empty.position, empty.exceeds(0)]).to.deep.equal([[], '0 / 0', false]);
  });

  it('has no camera that is offline, and one of those is tried before each step, in turn', async () => {
    const cameras = new TourCameras();
    const names = ['a', 'b', 'c'];
    const [told, states] = [[] as string[], { a: { state: 'offline' }, c: { state: 'live' } }];
    let asked = 0;
    const connection = {
      address: () => new URL(`data:application/json;asked=${asked++},${JSON.stringify(states)}`),
      prepare: (streams: Wish[], left: Wish[]) =>
        told.push(`${streams.map(({ stream }) => stream)} without ${left.map(({ stream }) => stream)}`),
    } as unknown as DeviceConnection;
    const next = () => cameras.longestOffline(names.map((stream) => ({ stream })))?.stream;
    const start = (...streams: string[]) =>
      cameras.prepare(
        connection,
        streams.map((stream) => ({ stream, quality: '' })),
        [],
      );
    start(...names);
    expect(next()).to.equal(undefined);
    await cameras.look(connection);
    // The device has no camera b.
    expect(names.map((name) => cameras.isOffline(name))).to.deep.equal([true, true, false]);
    for (let step = 0; step < 3; step++) {
      cameras.leaveOthers(connection, new Set(['c']));
      start('c', next() as string);
      await cameras.look(connection);
    }
    expect(told).to.deep.equal([
      'a,b,c without ',
      ' without a,b',
      'c,a without ',
      ' without a',
      'c,b without ',
      ' without b',
      'c,a without ',
    ]);
    Object.assign(states, { a: { state: 'live' } });
    await cameras.look(connection);
    expect([cameras.isOffline('a'), next()]).to.deep.equal([false, 'b']);
  });

  it('leaves cameras that are shown already in their tiles', () => {
    const page = ['c', 'd', 'a'].map((stream) => ({ stream }));
    const placed = place(page, ['a', 'b', 'c', '']).map((stop) => stop?.stream);
    expect(placed).to.deep.equal(['a', 'd', 'c', undefined]);
  });
});

describe('a tour', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = setUp();
    // The pointer of the test before may lie on the wall.
    await sendMouse({ type: 'move', position: [790, 590] });
  });

  afterEach(() => stage.tearDown());

  async function tile(content: Partial<MsSlot>): Promise<{ grid: MsGrid; slot: MsSlot; tour: Tour }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url="http://device.test" ice-servers="[]" style="width: 400px">
        <ms-slot .streams=${content.streams} .dwell=${content.dwell} label=${content.label ?? ''}></ms-slot>
      </ms-grid>
    `);
    const [slot] = grid.slots as [MsSlot];
    await waitUntil(() => slot.activeTour && slot.state === 'active', 'a tour', { timeout: 5000 });
    return { grid, slot, tour: slot.activeTour as Tour };
  }

  const press = (host: MsGrid | MsSlot, name: string) => host.renderRoot.querySelector<HTMLElement>(`.tour .${name}`);
  const step = (element: Element) => oneEvent<MsTourEvent>(element, 'ms-tour');
  const shown = (grid: MsGrid) => grid.slots.map(({ stream }) => stream);
  const prepared = () => stage.device.heard.filter(({ type }) => type === 'multistream/prepare');

  it('takes a tile through its list again and again, and asks for each camera before its turn', async () => {
    const { slot, tour } = await tile({ streams: 'red blue', dwell: 1 });
    expect([slot.stream, tour.state]).to.deep.equal(['red', 'running']);
    const { state, streams } = await step(slot);
    expect([slot.stream, state, streams]).to.deep.equal(['blue', 'running', ['blue']]);
    expect(prepared()[0]?.streams).to.deep.equal([{ stream: 'blue', quality: '' }]);
    await step(slot);
    expect(slot.stream).to.equal('red');
    slot.streams = '';
    await waitUntil(() => !slot.activeTour);
    expect([tour.state, slot.stream, press(slot, 'toggle')]).to.deep.equal(['ended', 'red', null]);
  });

  it('names each camera by its label', async () => {
    const streams = [{ stream: 'red', label: 'Gate' }, { stream: 'blue' }];
    const { slot, tour } = await tile({ streams, label: 'Door' });
    const label = () => slot.renderRoot.querySelector('[part=label]')?.textContent;
    await waitUntil(() => label() === 'Gate');
    tour.next();
    await waitUntil(() => slot.state === 'active' && slot.stream === 'blue');
    expect(slot.label).to.equal('Gate');
  });

  it('takes a wall through its cameras page by page, all tiles in the same moment', async () => {
    const { grid, slots } = await stage.wall();
    const all = ['red', 'green', 'blue', 'yellow'];
    for (const slot of slots.slice(2)) {
      slot.remove();
    }
    const tour = (await grid.tour({ streams: all, dwell: 1 })) as Tour;
    expect(grid.activeTour).to.equal(tour);
    expect(shown(grid)).to.deep.equal(['red', 'green']);
    await step(grid);
    expect(shown(grid)).to.deep.equal(['blue', 'yellow']);
    await waitUntil(() => grid.slots.every(({ state }) => state === 'active'));
    expect(grid.renderRoot.querySelector('.position')?.textContent).to.equal('3–4 / 4');
    expect(slots[0]?.label, 'the label of another camera').to.equal('');
    const told = step(grid);
    expect(await grid.tour({ streams: ['yellow', 'red', 'green'], dwell: 60 }), 'goes on with another plan').to.equal(
      tour,
    );
    // A camera that is shown already keeps its tile.
    expect([(await told).streams, shown(grid)]).to.deep.equal([
      ['yellow', 'red'],
      ['red', 'yellow'],
    ]);
    await grid.tour(null);
    expect([grid.activeTour, tour.state, shown(grid)]).to.deep.equal([undefined, 'ended', ['red', 'yellow']]);
  });

  it('starts no camera for a tile that still waits for its own', async () => {
    const { grid, slots } = await stage.wall();
    for (const slot of slots.slice(2)) {
      slot.remove();
    }
    const tour = (await grid.tour({ streams: ['red', 'green', 'blue', 'yellow'], dwell: 1 })) as Tour;
    await waitUntil(() => prepared().length > 0);
    // Its pages are blue and yellow, which do not come, and red and green, which are still there.
    stage.device.sessions[0]?.hold('multistream/switch');
    tour.next();
    const count = prepared().length;
    const { streams } = await step(grid);
    expect(streams).to.deep.equal(['red', 'green']);
    const told = prepared().slice(count) as unknown as { streams: Wish[]; left: Wish[] }[];
    expect(told.flatMap((message) => message.streams)).to.deep.equal([]);
    expect(told.flatMap(({ left }) => left.map((wish) => wish.stream))).to.have.members([
      'red',
      'green',
      'blue',
      'yellow',
    ]);
    await waitUntil(() => JSON.stringify(prepared().at(-1)?.streams).includes('yellow'), 'the next ones');
  });

  it('lets go of cameras before it asks for others, also of those that were asked for a moment ago', async () => {
    const { grid, slots } = await stage.wall();
    for (const slot of slots.slice(1)) {
      slot.remove();
    }
    const tour = (await grid.tour({ streams: ['red', 'green', 'blue', 'yellow'], dwell: 60 })) as Tour;
    const before = stage.device.heard.length;
    const said = () =>
      stage.device.heard.slice(before).flatMap(({ type, stream, left }) => {
        const names = (left as Wish[] | undefined)?.map((wish) => wish.stream);
        return type === 'multistream/switch' ? [stream] : names ? [`leaves ${names}`] : [];
      });
    tour.next();
    // The wish for green is on its way when the next step comes.
    await grid.slots[0]?.updateComplete;
    tour.next();
    await waitUntil(() => said().includes('blue'));
    expect(said()).to.deep.equal(['leaves red', 'green', 'leaves green', 'blue']);
  });

  it('is paused and taken further by its controls, which are always there and have names', async () => {
    const { slot, tour } = await tile({ streams: 'red green blue', dwell: 60 });
    const toggle = press(slot, 'toggle') as HTMLElement;
    expect([toggle.checkVisibility(), toggle.ariaLabel]).to.deep.equal([true, 'Pause the tour']);
    await clickOn(toggle);
    await waitUntil(() => toggle.ariaLabel === 'Play the tour');
    expect(tour.state).to.equal('paused');
    await clickOn(press(slot, 'next') as HTMLElement);
    expect([slot.stream, tour.state]).to.deep.equal(['green', 'paused']);
    await clickOn(press(slot, 'previous') as HTMLElement);
    await clickOn(press(slot, 'previous') as HTMLElement);
    expect(slot.stream).to.equal('blue');
    await clickOn(toggle);
    // The pointer lies on the controls, and not on the picture.
    expect(tour.state).to.equal('running');
  });

  it('waits while a pointer is on it', async () => {
    const { slot, tour } = await tile({ streams: 'red green', dwell: 60 });
    const { x, y, width } = slot.getBoundingClientRect();
    const held = step(slot);
    await sendMouse({ type: 'move', position: [Math.round(x + width / 2), Math.round(y + 20)] });
    expect((await held).state).to.equal('held');
    await sendMouse({ type: 'move', position: [790, 590] });
    await waitUntil(() => tour.state === 'running');
  });

  it('waits for a finger until that has left, and is paused by one on its control', async () => {
    const { slot, tour } = await tile({ streams: 'red green', dwell: 60 });
    const states: string[] = [];
    slot.addEventListener('ms-tour', ({ state }) => states.push(state));
    const tap = async (element: Element, above = 0.5) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      await touch([[{ x: Math.round(x + width / 2), y: Math.round(y + height * above), id: 0 }], []]);
    };
    await tap(slot, 0.2);
    await waitUntil(() => states.join() === 'held,running');
    await tap(press(slot, 'toggle') as HTMLElement);
    await waitUntil(() => tour.state === 'paused');
  });

  it('waits while the keyboard is on it, and runs while the keyboard is on its controls', async () => {
    const { slot, tour } = await tile({ streams: 'red green', dwell: 60 });
    await sendKeys({ press: 'Tab' });
    expect(document.activeElement).to.equal(slot);
    await waitUntil(() => tour.state === 'held');
    await sendKeys({ press: 'Tab' });
    expect(slot.shadowRoot?.activeElement).to.equal(press(slot, 'toggle'));
    await waitUntil(() => tour.state === 'running');
    await sendKeys({ press: 'Enter' });
    expect(tour.state).to.equal('paused');
  });

  it('waits while its page is hidden', async () => {
    const { tour } = await tile({ streams: 'red green', dwell: 60 });
    const show = await hidePage();
    expect(tour.state).to.equal('held');
    await show();
    await waitUntil(() => tour.state === 'running');
  });

  it('waits while it is scrolled away', async () => {
    const { grid, tour } = await tile({ streams: 'red green', dwell: 60 });
    grid.style.translate = '0 5000px';
    await waitUntil(() => tour.state === 'held');
    grid.style.translate = '';
    await waitUntil(() => tour.state === 'running');
  });

  it('waits while one of its tiles takes the whole screen, and leaves the spotlight where it is', async () => {
    const { grid, slots } = await stage.wall('');
    const [first, , , last] = slots as [MsSlot, MsSlot, MsSlot, MsSlot];
    const tour = (await grid.tour({ streams: ['red', 'green', 'blue', 'yellow', 'purple'], dwell: 60 })) as Tour;
    await clickOn(button(first, 'fullscreen') as HTMLElement);
    await waitUntil(() => document.fullscreenElement === first, 'the whole screen', { timeout: 5000 });
    // On the whole screen there is no place beside the tile for the pointer.
    grid.dispatchEvent(new PointerEvent('pointerleave'));
    await waitUntil(() => tour.state === 'held');
    await document.exitFullscreen();
    await sendMouse({ type: 'move', position: [790, 590] });
    await waitUntil(() => tour.state === 'running');
    grid.spotlight(last);
    tour.next();
    expect([last.stream, grid.spotlit]).to.deep.equal(['purple', last]);
    await waitUntil(() => last.clientWidth > first.clientWidth);
  });

  it('has no controls where there is nothing to go through', async () => {
    const { slot } = await tile({ streams: 'red' });
    expect(press(slot, 'toggle')?.checkVisibility()).to.equal(false);
  });

  it('reads out no cameras while it runs', async () => {
    const { slot, tour } = await tile({ streams: 'red green', dwell: 60 });
    const live = () => slot.renderRoot.querySelector('.live')?.textContent;
    expect(live()).to.equal('');
    tour.pause();
    tour.next();
    await waitUntil(() => live() === 'green, Live');
  });

  it('speaks four languages, reads from right to left, and is accessible', async () => {
    const { slots, grid } = await stage.wall();
    slots[3]?.remove();
    await grid.tour({ streams: ['red', 'green', 'blue', 'yellow'], dwell: 60 });
    const toggle = () => press(grid, 'toggle')?.ariaLabel;
    await waitUntil(() => toggle() === 'Pause the tour');
    for (const [language, text] of [
      ['de', 'Rundgang anhalten'],
      ['es', 'Pausar el recorrido'],
      ['zh', '暂停轮巡'],
    ] as const) {
      grid.lang = language;
      await loadStrings(grid);
      grid.requestUpdate();
      await grid.updateComplete;
      expect(toggle()).to.equal(text);
    }
    grid.dir = 'rtl';
    const [previous, next] = ['previous', 'next'].map((name) => press(grid, name)?.getBoundingClientRect().x ?? 0);
    expect(previous).to.be.greaterThan(next ?? 0);
    const scales = ['previous', 'toggle', 'next'].map((name) => {
      const icon = press(grid, name)?.querySelector('svg') as SVGElement;
      return getComputedStyle(icon).scale;
    });
    expect(scales, 'the sign for play is the same everywhere').to.deep.equal(['-1 1', 'none', '-1 1']);
    await expect(grid).to.be.accessible();
  });
});
