import { expect, nextFrame, oneEvent, waitUntil } from '@open-wc/testing';
import { resetMouse, sendKeys, sendMouse } from '@web/test-runner-commands';
import type { MsErrorEvent } from '../../src/elements/events.ts';
import type { WallLayout } from '../../src/elements/extras/layout.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { type Finger, touch } from '../support/device.ts';
import { button, clickOn, type Stage, setUp } from './wall-of-four.ts';

describe('a wall that its viewer arranges', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = setUp();
    // A finger that swipes would lead the browser back in its history.
    document.documentElement.style.overscrollBehavior = 'none';
  });

  afterEach(async () => {
    await resetMouse();
    await stage.tearDown();
  });

  async function wall(controls = 'move zoom'): Promise<{ grid: MsGrid; slots: MsSlot[]; told: WallLayout[] }> {
    const { grid, slots } = await stage.wall(controls);
    const told: WallLayout[] = [];
    grid.addEventListener('ms-layout', ({ layout }) => told.push(layout));
    const name = controls.startsWith('move') ? 'move' : 'zoomIn';
    await waitUntil(() => button(slots[0] as MsSlot, name), 'its buttons', { timeout: 5000 });
    if (name === 'move') {
      // The first look loads what tells the layout.
      await waitUntil(() => grid.layout);
    }
    return { grid, slots, told };
  }

  /** The streams as a reader sees them, row by row. */
  function seen(grid: MsGrid): string[] {
    const place = (slot: MsSlot) => {
      const { top, left } = slot.getBoundingClientRect();
      return Math.round(top) * 10_000 + Math.round(left);
    };
    return grid.slots.sort((a, b) => place(a) - place(b)).map(({ stream }) => stream);
  }

  function middle(slot: MsSlot, x = 0.5, y = 0.5): [number, number] {
    const { left, top, width, height } = slot.getBoundingClientRect();
    return [Math.round(left + width * x), Math.round(top + height * y)];
  }

  function finger(slot: MsSlot, x = 0.5, y = 0.5, id = 0): Finger {
    const [left, top] = middle(slot, x, y);
    return { x: left, y: top, id };
  }

  async function drag(from: MsSlot, to: MsSlot): Promise<void> {
    const [x, y] = middle(from);
    await sendMouse({ type: 'move', position: [x, y] });
    await sendMouse({ type: 'down' });
    await sendMouse({ type: 'move', position: [x + 20, y + 5] });
    await sendMouse({ type: 'move', position: middle(to) });
    await sendMouse({ type: 'up' });
    await settled(from);
  }

  /** Tiles slide to their new places. */
  async function settled(slot: MsSlot): Promise<void> {
    await nextFrame();
    await nextFrame();
    await waitUntil(() => slot.wall?.settings.slots.every((tile) => tile.getAnimations().length === 0));
  }

  describe('moves tiles', () => {
    it('by the mouse: two tiles change places, and the videos, the session and the tiles of the page stay', async () => {
      const { grid, slots, told } = await wall();
      const [first, , , fourth] = slots as [MsSlot, MsSlot, MsSlot, MsSlot];
      const videos = slots.map((slot) => slot.renderRoot.querySelector('video'));
      const clicks: Event[] = [];
      grid.addEventListener('click', (event) => clicks.push(event));
      await drag(first, fourth);
      expect(seen(grid)).to.deep.equal(['yellow', 'green', 'blue', 'red']);
      expect(slots.map((slot) => slot.renderRoot.querySelector('video'))).to.deep.equal(videos);
      expect(videos.map((video) => video?.paused)).to.deep.equal([false, false, false, false]);
      expect(stage.device.sessions).to.have.length(1);
      expect(told.map(({ order }) => order)).to.deep.equal([['yellow', 'green', 'blue', 'red']]);
      expect([first.slotIndex, fourth.slotIndex]).to.deep.equal([3, 0]);
      // The end of a movement is no click on the tile.
      expect(clicks).to.have.length(0);
      expect(first.getAttribute('style') ?? '').to.equal('');
    });

    it('by a finger that rests on a tile, while one that moves at once scrolls', async () => {
      const { grid, slots } = await wall();
      const [first, second] = slots as [MsSlot, MsSlot];
      await touch([[finger(first)], [finger(first, 0.9)], [finger(second)], []]);
      expect(seen(grid)).to.deep.equal(['red', 'green', 'blue', 'yellow']);
      const rests = Array.from({ length: 60 }, () => [finger(first)]);
      await touch([...rests, [finger(first, 0.7)], [finger(second, 0.2)], [finger(second)], []]);
      await settled(first);
      expect(seen(grid)).to.deep.equal(['green', 'red', 'blue', 'yellow']);
    });

    it('by keys alone: grabbed, led by arrows, dropped, with words for screen readers and the focus kept', async () => {
      const { grid, slots, told } = await wall();
      const [first, second, , fourth] = slots as [MsSlot, MsSlot, MsSlot, MsSlot];
      const says = () => first.renderRoot.querySelector('.arranger [role=status]')?.textContent;
      first.focus();
      await sendKeys({ press: 'g' });
      expect(says()).to.equal('Arrows choose a place for Door, Enter swaps, Escape cancels');
      await sendKeys({ press: 'ArrowRight' });
      expect(says()).to.equal('Enter swaps with green');
      await sendKeys({ press: 'ArrowDown' });
      expect(says()).to.equal('Enter swaps with yellow');
      expect(fourth.renderRoot.querySelector('.tile')?.classList.contains('target')).to.equal(true);
      expect(told).to.have.length(0);
      await sendKeys({ press: 'Enter' });
      await settled(first);
      expect(seen(grid)).to.deep.equal(['yellow', 'green', 'blue', 'red']);
      expect(says()).to.equal('Door is now at place 4 of 4');
      expect([document.activeElement, grid.spotlit]).to.deep.equal([first, null]);
      await sendKeys({ press: 'g' });
      await sendKeys({ press: 'ArrowUp' });
      await sendKeys({ press: 'Escape' });
      await settled(first);
      expect(seen(grid)).to.deep.equal(['yellow', 'green', 'blue', 'red']);
      expect(says()).to.equal('Door stays at place 4 of 4');
      // Arrows lead from tile to tile again.
      await sendKeys({ press: 'ArrowUp' });
      expect(document.activeElement).to.equal(second);
      expect(told).to.have.length(1);
    });

    it('by two clicks: on the button of one and on another tile', async () => {
      const { grid, slots } = await wall();
      const [first, , third] = slots as [MsSlot, MsSlot, MsSlot];
      await clickOn(button(first, 'move') as HTMLElement);
      await clickOn(third);
      await settled(first);
      expect(seen(grid)).to.deep.equal(['blue', 'green', 'red', 'yellow']);
    });

    it('into the spotlight and out of it', async () => {
      const { grid, slots } = await wall();
      const [first, second] = slots as [MsSlot, MsSlot];
      grid.spotlight(first);
      await nextFrame();
      await drag(second, first);
      expect(grid.spotlit).to.equal(second);
      expect(second.clientWidth).to.be.greaterThan(first.clientWidth * 2);
    });

    it('from right to left as they are seen', async () => {
      const { grid, slots } = await wall();
      const [first, second] = slots as [MsSlot, MsSlot];
      grid.dir = 'rtl';
      await nextFrame();
      expect(second.getBoundingClientRect().left).to.be.lessThan(first.getBoundingClientRect().left);
      first.focus();
      for (const press of ['g', 'ArrowLeft', ' ']) {
        await sendKeys({ press });
      }
      await settled(first);
      expect(grid.layout?.order).to.deep.equal(['green', 'red', 'blue', 'yellow']);
    });

    it('not unless its controls have `move`', async () => {
      const { grid, slots } = await wall('');
      const [first, second] = slots as [MsSlot, MsSlot];
      expect(button(first, 'move')).to.equal(null);
      await drag(first, second);
      first.focus();
      for (const press of ['g', 'ArrowRight', ' ']) {
        await sendKeys({ press });
      }
      expect(seen(grid)).to.deep.equal(['red', 'green', 'blue', 'yellow']);
    });
  });

  describe('has a layout', () => {
    it('which it tells at the first look, once its tiles can be moved', async () => {
      const { grid, slots } = await stage.wall('move');
      await waitUntil(() => button(slots[0] as MsSlot, 'move'), 'its button', { timeout: 5000 });
      await drag(slots[0] as MsSlot, slots[1] as MsSlot);
      expect(grid.layout?.order).to.deep.equal(['green', 'red', 'blue', 'yellow']);
    });

    it('that a page reads, stores as JSON and sets again', async () => {
      const { grid, slots, told } = await wall();
      const [first, second, third] = slots as [MsSlot, MsSlot, MsSlot];
      const before = grid.layout;
      expect(before).to.deep.equal({
        order: ['red', 'green', 'blue', 'yellow'],
        spotlight: null,
        qualities: { red: '', green: '', blue: '', yellow: '' },
        tour: null,
        tours: {},
      });
      await drag(first, third);
      grid.spotlight(second);
      second.quality = 'native';
      await waitUntil(() => told.length === 3);
      const stored = JSON.stringify(grid.layout);
      expect(JSON.parse(stored)).to.deep.equal({
        order: ['blue', 'green', 'red', 'yellow'],
        spotlight: 'green',
        qualities: { red: '', green: 'native', blue: '', yellow: '' },
        tour: null,
        tours: {},
      });
      expect(told.at(-1)).to.deep.equal(JSON.parse(stored));
      grid.layout = before;
      await waitUntil(() => grid.spotlit === null && second.quality === '');
      await settled(first);
      expect(seen(grid)).to.deep.equal(['red', 'green', 'blue', 'yellow']);
      grid.layout = stored;
      await waitUntil(() => grid.spotlit === second && second.quality === 'native');
      expect(JSON.stringify(grid.layout)).to.equal(stored);
    });

    it('also one without controls, in part, and for tiles that come later', async () => {
      const { grid, slots } = await wall('');
      const [first] = slots as [MsSlot];
      expect(grid.layout).to.equal(undefined);
      grid.layout = { order: ['late', 'blue', 'a camera that is gone'] };
      await waitUntil(() => grid.layout);
      await settled(first);
      expect(seen(grid)).to.deep.equal(['blue', 'red', 'green', 'yellow']);
      const late = document.createElement('ms-slot');
      late.stream = 'late';
      grid.append(late);
      await waitUntil(() => seen(grid)[0] === 'late');
      expect(seen(grid)).to.deep.equal(['late', 'blue', 'red', 'green', 'yellow']);
    });

    it('names two tiles of one stream apart, and tiles by their ids', async () => {
      const { grid, slots } = await wall();
      const [first, second, third] = slots as [MsSlot, MsSlot, MsSlot];
      second.stream = 'red';
      third.id = 'gate';
      await Promise.all(slots.map(({ updateComplete }) => updateComplete));
      expect(grid.layout?.order).to.deep.equal(['red', 'red#2', 'gate', 'yellow']);
      grid.layout = { order: ['red#2', 'gate', 'red'] };
      await waitUntil(() => grid.layout?.order[0] === 'red#2');
      await settled(first);
      expect(first.getBoundingClientRect().left).to.be.closeTo(second.getBoundingClientRect().left, 1);
      expect(first.getBoundingClientRect().top).to.be.greaterThan(second.getBoundingClientRect().top);
    });

    it('with its tours, whose steps change nothing in it', async () => {
      const { grid, slots, told } = await wall();
      const [first, second, third] = slots as [MsSlot, MsSlot, MsSlot];
      const before = grid.layout;
      Object.assign(second, { streams: 'green yellow', dwell: 30 });
      const tour = await grid.tour({
        streams: ['red', 'yellow', { stream: 'blue', label: 'Yard' }, 'green'],
        dwell: 20,
      });
      await waitUntil(() => told.at(-1)?.tours.green && told.at(-1)?.tour, 'both tours', { timeout: 5000 });
      const stored = JSON.stringify(grid.layout);
      expect(JSON.parse(stored)).to.deep.equal({
        order: ['red', 'green', 'blue', 'yellow'],
        spotlight: null,
        qualities: { red: '', green: '', blue: '', yellow: '' },
        tour: { streams: ['red', 'yellow', { stream: 'blue', label: 'Yard' }, 'green'], dwell: 20 },
        tours: { green: { streams: ['green', 'yellow'], dwell: 30 } },
      });
      const events = told.length;
      tour?.next();
      second.activeTour?.next();
      await nextFrame();
      expect([second.stream, third.stream]).to.deep.equal(['yellow', 'green']);
      expect(JSON.stringify(grid.layout)).to.equal(stored);
      await drag(first, second);
      expect([grid.layout?.order, told.length]).to.deep.equal([['green', 'red', 'blue', 'yellow'], events + 1]);
      grid.layout = before;
      await waitUntil(() => !grid.activeTour && !second.activeTour, 'no tour');
      await settled(first);
      expect(seen(grid)).to.deep.equal(['red', 'yellow', 'green', 'yellow']);
      for (const [i, stream] of ['red', 'green', 'blue', 'yellow'].entries()) {
        (slots[i] as MsSlot).stream = stream;
      }
      grid.layout = stored;
      await waitUntil(() => grid.activeTour && second.activeTour, 'both tours again');
      expect(JSON.stringify(grid.layout)).to.equal(stored);
    });

    it('for tiles whose streams come from tours alone, by their numbers', async () => {
      const { grid, slots } = await wall();
      for (const slot of slots) {
        slot.stream = '';
      }
      await Promise.all(slots.map(({ updateComplete }) => updateComplete));
      expect(grid.layout?.order).to.deep.equal([]);
      grid.layout = { order: ['#3', '#1'], tour: { streams: ['red', 'green', 'blue', 'yellow'] } };
      await waitUntil(() => grid.layout?.tour);
      await waitUntil(() => grid.layout?.order[0] === '#3');
      expect(grid.layout?.order).to.deep.equal(['#3', '#1', '#2', '#4']);
      await settled(slots[0] as MsSlot);
      expect(seen(grid)).to.deep.equal(['blue', 'red', 'green', 'yellow']);
    });

    it('refuses what it cannot read with a clear error, and loses nothing', async () => {
      const { grid, slots, told } = await wall();
      await drag(slots[0] as MsSlot, slots[1] as MsSlot);
      const before = grid.layout;
      for (const [layout, message] of [
        ['{"order": [', 'layout is not JSON'],
        [[], 'layout has to be an object, and is []'],
        [{ order: 'red' }, 'layout.order has to be a list of names, and is "red"'],
        [{ order: ['green', 7] }, 'layout.order[1] has to be a text, and is 7'],
        [{ spotlight: true, order: ['green'] }, 'layout.spotlight has to be a text, and is true'],
        [{ order: ['green'], qualities: { red: null } }, 'layout.qualities.red has to be a text, and is null'],
        [{ order: ['green'], tour: [] }, 'layout.tour has to be an object, and is []'],
        [
          { order: ['green'], tour: { streams: 'red' } },
          'layout.tour.streams has to be a list of streams, and is "red"',
        ],
        [
          { tours: { red: { streams: ['red'], dwell: '8' } } },
          'layout.tours.red.dwell has to be a number of seconds, and is "8"',
        ],
        [{ tours: { red: { streams: [{ name: 'red' }] } } }, 'layout.tours.red.streams[0].stream has to be a text'],
        [{ order: Array(1001).fill('green') }, 'layout.order has 1001 entries, and may have 1000'],
      ] as const) {
        setTimeout(() => {
          grid.layout = layout as never;
        });
        const { error } = await oneEvent<MsErrorEvent>(grid, 'ms-error');
        expect(error).to.be.instanceOf(TypeError);
        expect(error.message).to.contain(message);
        expect(grid.layout).to.deep.equal(before);
        expect(seen(grid)).to.deep.equal(['green', 'red', 'blue', 'yellow']);
        expect(told).to.have.length(1);
      }
    });
  });

  describe('zooms a picture', () => {
    const scale = (slot: MsSlot) => new DOMMatrix(getComputedStyle(pictureOf(slot)).transform).a;
    const pictureOf = (slot: MsSlot) => slot.renderRoot.querySelector('.picture') as HTMLElement;
    const at = (slot: MsSlot) => {
      const { left, top } = pictureOf(slot).getBoundingClientRect();
      const tile = slot.getBoundingClientRect();
      return [Math.round(left - tile.left), Math.round(top - tile.top)];
    };

    it('by keys: in, out, about and back', async () => {
      const { slots } = await wall('');
      const [slot] = slots as [MsSlot];
      slot.focus();
      for (const press of ['+', '+', '=', '+']) {
        await sendKeys({ press });
        await waitUntil(() => scale(slot) > 1);
      }
      expect(scale(slot)).to.be.closeTo(4, 0.01);
      expect(slot.renderRoot.querySelector('.level')?.textContent).to.equal('4.0×');
      const [x, y] = at(slot) as [number, number];
      await sendKeys({ press: 'ArrowRight' });
      await sendKeys({ press: 'ArrowDown' });
      expect(at(slot)[0]).to.be.closeTo(x - slot.clientWidth / 5, 2);
      expect(at(slot)[1]).to.be.closeTo(y - slot.clientHeight / 5, 2);
      expect(document.activeElement).to.equal(slot);
      for (let i = 0; i < 20; i += 1) {
        await sendKeys({ press: 'ArrowRight' });
      }
      // The picture ends at the edge of the tile.
      expect(pictureOf(slot).getBoundingClientRect().right).to.be.closeTo(slot.getBoundingClientRect().right, 1);
      await sendKeys({ press: '-' });
      expect(scale(slot)).to.be.closeTo(2 ** 1.5, 0.01);
      await sendKeys({ press: '0' });
      expect(scale(slot)).to.equal(1);
      await sendKeys({ press: 'ArrowRight' });
      expect(document.activeElement).to.equal(slots[1]);
    });

    it('by the wheel, around the pointer, and back until the page scrolls', async () => {
      const { slots } = await wall('zoom');
      const [, slot] = slots as [MsSlot, MsSlot];
      const [x, y] = middle(slot, 0.25, 0.75);
      slot.focus();
      await sendMouse({ type: 'move', position: [x, y] });
      const turn = (deltaY: number, init: WheelEventInit = {}) => {
        const event = new WheelEvent('wheel', {
          deltaY,
          clientX: x,
          clientY: y,
          bubbles: true,
          cancelable: true,
          ...init,
        });
        slot.dispatchEvent(event);
        return event.defaultPrevented;
      };
      expect(turn(-250)).to.equal(true);
      expect(scale(slot)).to.be.closeTo(2, 0.01);
      // The point under the pointer stays.
      expect(at(slot)).to.deep.equal([Math.round(slot.clientWidth * -0.25), Math.round(slot.clientHeight * -0.75)]);
      expect(turn(300)).to.equal(true);
      expect(scale(slot)).to.equal(1);
      expect(turn(300)).to.equal(false);
      expect(turn(-50, { ctrlKey: true })).to.equal(true);
      expect(scale(slot)).to.be.closeTo(2, 0.01);
    });

    it('from right to left as from left to right: the right arrow shows what is further to the right', async () => {
      const { grid, slots } = await wall('zoom');
      const [slot] = slots as [MsSlot];
      grid.dir = 'rtl';
      await grid.updateComplete;
      slot.focus();
      await sendKeys({ press: '+' });
      await waitUntil(() => scale(slot) > 1);
      await sendKeys({ press: '+' });
      expect(at(slot)).to.deep.equal([Math.round(slot.clientWidth * -0.5), Math.round(slot.clientHeight * -0.5)]);
      await sendKeys({ press: 'ArrowRight' });
      expect(at(slot)[0]).to.be.closeTo(slot.clientWidth * -0.7, 1);
      expect((slot.pictureBox as DOMRect).x).to.be.closeTo(at(slot)[0] as number, 1);
    });

    it('by two fingers, and moves it by one', async () => {
      const { slots } = await wall('zoom');
      const [slot] = slots as [MsSlot];
      const pinch = [0.05, 0.1, 0.15, 0.2].map((apart) => [
        finger(slot, 0.5 - apart),
        finger(slot, 0.5 + apart, 0.5, 1),
      ]);
      await touch([[finger(slot, 0.45)], ...pinch, []]);
      expect(scale(slot)).to.be.closeTo(4, 0.3);
      const [x, y] = at(slot) as [number, number];
      await touch([[finger(slot)], [finger(slot, 0.55)], [finger(slot, 0.6, 0.6)], [finger(slot, 0.7, 0.7)], []]);
      const [left, top] = at(slot) as [number, number];
      expect(left - x).to.be.greaterThan(slot.clientWidth * 0.1);
      expect(top - y).to.be.greaterThan(slot.clientHeight * 0.05);
    });

    it('by buttons, and forgets it when the tile shows another camera', async () => {
      const { slots } = await wall('zoom');
      const [slot] = slots as [MsSlot];
      await clickOn(button(slot, 'zoomIn') as HTMLElement);
      expect(scale(slot)).to.be.greaterThan(1.4);
      await clickOn(button(slot, 'zoomOut') as HTMLElement);
      expect(scale(slot)).to.equal(1);
      await clickOn(button(slot, 'zoomIn') as HTMLElement);
      slot.stream = 'blue';
      await waitUntil(() => slot.state === 'active' && scale(slot) === 1);
    });
  });

  for (const [language, texts] of Object.entries({
    en: ['Move', 'Zoom in', 'Zoom out'],
    de: ['Verschieben', 'Vergrößern', 'Verkleinern'],
    es: ['Mover', 'Ampliar', 'Reducir'],
    zh: ['移动', '放大', '缩小'],
  })) {
    it(`speaks ${language}, and has no accessibility violation while a tile is moved and one is zoomed`, async () => {
      document.documentElement.lang = language;
      try {
        const { grid, slots } = await wall();
        const [first, second] = slots as [MsSlot, MsSlot];
        const names = ['move', 'zoomIn', 'zoomOut'].map((name) => button(first, name)?.ariaLabel);
        expect(names).to.deep.equal(texts);
        button(second, 'zoomIn')?.click();
        first.focus();
        await sendKeys({ press: 'g' });
        await sendKeys({ press: 'ArrowDown' });
        await nextFrame();
        expect(first.renderRoot.querySelector('.hint')?.textContent).to.contain('blue');
        await expect(grid).to.be.accessible();
      } finally {
        document.documentElement.removeAttribute('lang');
      }
    });
  }
});
