import { expect, fixture, html, nextFrame, waitUntil } from '@open-wc/testing';
import '../../src/define.ts';
import { sendKeys } from '@web/test-runner-commands';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import type { SlotState } from '../../src/protocol/messages.ts';
import { ScriptedDevice } from '../client/scripted-device.ts';
import { emulate } from '../support/device.ts';
import { removeFixtures } from '../support/removed.ts';
import { connectTo } from './network.ts';

interface Axe {
  run(
    element: Element,
    options: object,
  ): Promise<Record<'violations' | 'incomplete' | 'passes', { id: string; nodes: { html: string }[] }[]>>;
}

describe('the looks of a wall', () => {
  let device: ScriptedDevice;
  let disconnect: () => void;
  let restore: () => Promise<void>;

  beforeEach(() => {
    device = new ScriptedDevice();
    disconnect = connectTo(device);
    restore = async () => {};
  });

  afterEach(async () => {
    await removeFixtures();
    disconnect();
    await restore();
  });

  async function prefer(features: Record<string, string>): Promise<void> {
    await restore();
    restore = await emulate(features);
  }

  /** Two tiles that play, one whose stream does not exist, and an empty one. */
  async function wall(): Promise<{ grid: MsGrid; slots: MsSlot[] }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url="http://device.test" ice-servers="[]" controls style="width: 780px">
        <ms-slot slot="0" stream="red" label="Door"></ms-slot>
        <ms-slot slot="1" stream="green" quality="native"></ms-slot>
        <ms-slot slot="2" stream="nowhere"></ms-slot>
        <ms-slot slot="3"></ms-slot>
      </ms-grid>
    `);
    const { slots } = grid;
    await waitUntil(() => slots[0]?.state === 'active' && slots[1]?.state === 'active', 'playing', { timeout: 5000 });
    await Promise.all(slots.map(({ updateComplete }) => updateComplete));
    return { grid, slots };
  }

  const colour = (element: Element | null, property = 'background-color') =>
    getComputedStyle(element as Element).getPropertyValue(property);
  const inTile = (slot: MsSlot | undefined, part: string) => slot?.renderRoot.querySelector(`[part=${part}]`) ?? null;
  const inGrid = (grid: MsGrid, part: string) => grid.renderRoot.querySelector(`[part=${part}]`);
  /** From 0, black, to 1, white. */
  const brightness = (rgb: string) =>
    (rgb.match(/[\d.]+/g) ?? []).slice(0, 3).reduce((sum, n) => sum + Number(n), 0) / 765;

  it('are dark or light as the reader prefers, and change with that', async () => {
    const { grid, slots } = await wall();
    const surfaces = () =>
      [inGrid(grid, 'wall'), slots[3] as MsSlot, inTile(slots[0], 'label')].map((one) => brightness(colour(one)));
    await prefer({ 'prefers-color-scheme': 'dark' });
    expect(Math.max(...surfaces())).to.be.below(0.2);
    expect(brightness(colour(inTile(slots[0], 'label'), 'color'))).to.be.above(0.8);
    await prefer({ 'prefers-color-scheme': 'light' });
    expect(Math.min(...surfaces())).to.be.above(0.8);
    expect(brightness(colour(inTile(slots[0], 'label'), 'color'))).to.be.below(0.2);
  });

  it('are those that the page says: by theme, for the wall or a tile, or by a custom property', async () => {
    await prefer({ 'prefers-color-scheme': 'dark' });
    const { grid, slots } = await wall();
    const label = (index: number) => brightness(colour(inTile(slots[index], 'label'))) > 0.5;
    expect([label(0), label(1)]).to.deep.equal([false, false]);
    grid.theme = 'light';
    await grid.updateComplete;
    expect([label(0), label(1)]).to.deep.equal([true, true]);
    slots[1]?.setAttribute('theme', 'dark');
    expect([label(0), label(1)]).to.deep.equal([true, false]);
    grid.removeAttribute('theme');
    grid.style.setProperty('--ms-color-scheme', 'light');
    expect([label(0), label(1)]).to.deep.equal([true, false]);
    grid.style.setProperty('--ms-surface', 'rgb(1, 2, 3)');
    expect(colour(inTile(slots[0], 'label'))).to.equal('rgb(1, 2, 3)');
  });

  it('move nothing for a reader who prefers that', async () => {
    const { slots } = await wall();
    tell('buffering');
    await waitUntil(() => slots[0]?.state === 'buffering');
    const badge = inTile(slots[0], 'badge') as Element;
    const moves = () => [
      getComputedStyle(badge, '::before').animationName,
      getComputedStyle(inTile(slots[0], 'controls') as Element).transitionDuration,
      getComputedStyle(slots[0] as MsSlot).transitionDuration,
    ];
    await prefer({ 'prefers-reduced-motion': 'no-preference' });
    // The ring around a tile fades in, where there is one.
    await sendKeys({ press: 'Tab' });
    expect(moves()).to.deep.equal(['pulse', '0.15s', '0.15s']);
    await prefer({ 'prefers-reduced-motion': 'reduce' });
    expect(moves()).to.deep.equal(['none', '0s', '0s']);
  });

  it('show where the keyboard is, and in forced colours too', async () => {
    const { slots } = await wall();
    const [first] = slots as [MsSlot];
    const ring = () => {
      const { outlineStyle, outlineColor } = getComputedStyle(first);
      return outlineStyle !== 'none' && !/, 0\)$/.test(outlineColor);
    };
    expect(ring()).to.equal(false);
    await sendKeys({ press: 'Tab' });
    expect(document.activeElement).to.equal(first);
    await waitUntil(ring);
    await prefer({ 'forced-colors': 'active' });
    expect(ring()).to.equal(true);
    first.blur();
    expect(ring()).to.equal(false);
    expect(getComputedStyle(inTile(first, 'badge') as Element, '::before').forcedColorAdjust).to.equal('none');
    expect(getComputedStyle(inTile(first, 'label') as Element).borderTopStyle).to.equal('solid');
  });

  it('are mirrored where the page reads from right to left, and the arrows go where they point', async () => {
    const { grid, slots } = await wall();
    const [first, second] = slots as [MsSlot, MsSlot];
    grid.dir = 'rtl';
    await nextFrame();
    const left = (element: Element | null) => element?.getBoundingClientRect().left ?? 0;
    expect(left(first)).to.be.above(left(second));
    expect(left(inTile(first, 'label'))).to.be.above(left(inTile(first, 'badge')));
    first.focus();
    await sendKeys({ press: 'ArrowLeft' });
    expect(document.activeElement).to.equal(second);
    await sendKeys({ press: 'ArrowRight' });
    expect(document.activeElement).to.equal(first);
  });

  it('let a text read in its own direction, whatever that of the page', async () => {
    const { grid, slots } = await wall();
    grid.dir = 'rtl';
    await nextFrame();
    const nodes = [...(inTile(slots[2], 'reason')?.childNodes ?? [])];
    const text = nodes.find((node) => node instanceof Text && node.length > 0) as Text;
    const left = (at: number) => {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      return range.getBoundingClientRect().left;
    };
    expect(text.data.at(-1)).to.equal('”');
    expect(left(text.length - 1)).to.be.above(left(0));
  });

  /** The device's word about the first tile. */
  function tell(status: SlotState, error?: string): void {
    const slot = { slot: 0, stream: 'red', status, ...(error !== undefined && { error }) };
    device.newest.say({ type: 'multistream/status', slot: 0, status: slot });
  }

  const states: Record<string, (wall: { grid: MsGrid; slots: MsSlot[] }) => unknown> = {
    'live, failed and empty': () => {},
    buffering: () => tell('buffering'),
    paused: () => tell('paused'),
    pending: () => tell('pending'),
    offline: () => tell('offline', 'Connection refused'),
    'with the measured values': ({ slots }) =>
      slots[0]?.renderRoot.querySelector<HTMLElement>('.controls .stats')?.click(),
    'in the spotlight': ({ grid }) => grid.spotlight(0),
    'without a connection': async ({ slots }) => {
      device.unplug();
      await waitUntil(() => slots[0]?.matches(':state(stale)'));
    },
  };
  for (const theme of ['light', 'dark']) {
    for (const [state, arrange] of Object.entries(states)) {
      it(`have enough contrast, and no other accessibility violation: ${theme}, ${state}`, async () => {
        const all = await wall();
        all.grid.theme = theme;
        // The page behind the wall is of its theme, too.
        const style = `color-scheme: ${theme}; background: Canvas`;
        all.grid.parentElement?.setAttribute('style', style);
        await arrange(all);
        (all.slots[0] as MsSlot).focus();
        await nextFrame();
        await Promise.all(all.slots.map(({ updateComplete }) => updateComplete));
        await waitUntil(() => colour(inTile(all.slots[0], 'controls'), 'opacity') === '1');
        await expect(all.grid).to.be.accessible();
        const { axe } = globalThis as unknown as { axe: Axe };
        const results = await axe.run(all.grid, { runOnly: ['color-contrast'] });
        expect(results.passes.map(({ id }) => id)).to.include('color-contrast');
        // A result that axe calls incomplete was not checked.
        expect(results.incomplete.flatMap(({ nodes }) => nodes.map((node) => node.html))).to.deep.equal([]);
      });
    }
  }
});
