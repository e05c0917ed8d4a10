import { expect, fixture, fixtureCleanup, html, nextFrame, oneEvent, waitUntil } from '@open-wc/testing';
import '../../src/define.ts';
import { sendKeys } from '@web/test-runner-commands';
import type { MsGrid } from '../../src/ms-grid.ts';
import type { MsSlot } from '../../src/ms-slot.ts';
import { ScriptedDevice } from '../client/scripted-device.ts';
import { connectTo } from './network.ts';

describe('the controls of a wall', () => {
  let device: ScriptedDevice;
  let disconnect: () => void;

  beforeEach(() => {
    device = new ScriptedDevice();
    disconnect = connectTo(device);
  });

  afterEach(async () => {
    fixtureCleanup();
    // What is removed for good lets go a task later.
    await new Promise((resolve) => setTimeout(resolve));
    disconnect();
  });

  /** Four tiles, all playing, with what is loaded beside the elements. */
  async function wall(controls: string | null = ''): Promise<{ grid: MsGrid; slots: MsSlot[] }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url="http://device.test" ice-servers="[]" .controls=${controls}>
        <ms-slot slot="0" stream="red" label="Door"></ms-slot>
        <ms-slot slot="1" stream="green"></ms-slot>
        <ms-slot slot="2" stream="blue"></ms-slot>
        <ms-slot slot="3" stream="yellow"></ms-slot>
      </ms-grid>
    `);
    await waitUntil(() => grid.slots.every(({ state }) => state === 'active'), 'all active', { timeout: 5000 });
    await waitUntil(() => grid.slots.every(({ tabIndex }) => tabIndex === 0), 'all focusable');
    await grid.slots[0]?.updateComplete;
    return { grid, slots: grid.slots };
  }

  const button = (slot: MsSlot, name: string) => slot.renderRoot.querySelector<HTMLElement>(`.controls .${name}`);
  const names = (slot: MsSlot) => [...slot.renderRoot.querySelectorAll('.controls > *')].map((item) => item.className);

  it('are those that the grid or the tile names, each with a name for people, and none by default', async () => {
    const { grid, slots } = await wall(null);
    const [slot] = slots as [MsSlot];
    expect(names(slot)).to.deep.equal([]);
    grid.controls = 'fullscreen snapshot';
    await waitUntil(() => names(slot).length === 2);
    expect(names(slot)).to.deep.equal(['snapshot', 'fullscreen']);
    expect(button(slot, 'fullscreen')?.ariaLabel).to.equal('Fullscreen');
    slot.controls = 'stats';
    await waitUntil(() => names(slot).length === 1);
    expect(names(slots[1] as MsSlot)).to.deep.equal(['snapshot', 'fullscreen']);
  });

  it('show the measured values of a tile, and hide them', async () => {
    const { slots } = await wall();
    const [slot] = slots as [MsSlot];
    const panel = slot.renderRoot.querySelector<HTMLElement>('[part=stats]');
    expect(panel?.checkVisibility()).to.equal(false);
    button(slot, 'stats')?.click();
    await waitUntil(() => panel?.textContent?.includes('160 × 90'), 'the size', { timeout: 5000 });
    expect(button(slot, 'stats')?.ariaPressed).to.equal('true');
    await waitUntil(() => panel?.textContent?.includes('kbit/s'), 'the rate', { timeout: 5000 });
    button(slot, 'stats')?.click();
    expect(panel?.checkVisibility()).to.equal(false);
  });

  it('take a picture of the tile in its own size', async () => {
    const { slots } = await wall();
    const blob = await (slots[0] as MsSlot).snapshot();
    const { width, height } = await createImageBitmap(blob);
    expect([blob.type, width, height]).to.deep.equal(['image/png', 160, 90]);
    const empty = document.createElement('ms-slot');
    const failure = await empty.snapshot().catch((error) => error);
    expect(failure.name).to.equal('InvalidStateError');
  });

  it('choose the quality of the tile', async () => {
    const { slots } = await wall();
    const [slot] = slots as [MsSlot];
    await waitUntil(() => button(slot, 'quality')?.querySelectorAll('option').length === 2);
    const menu = button(slot, 'quality') as HTMLSelectElement;
    expect([...menu.options].map(({ text }) => text)).to.deep.equal(['Automatic', 'Original']);
    expect(menu.value).to.equal('native');
    menu.value = 'auto';
    menu.dispatchEvent(new Event('change'));
    expect(slot.quality).to.equal('auto');
  });

  it('show one tile large without a new session, swap it by a click, and all alike again', async () => {
    const { grid, slots } = await wall();
    const [first, second] = slots as [MsSlot, MsSlot];
    const video = second.renderRoot.querySelector('video');
    grid.spotlight(1);
    await nextFrame();
    expect(grid.spotlit).to.equal(second);
    expect(second.clientWidth).to.be.greaterThan(first.clientWidth * 2);
    first.click();
    await nextFrame();
    expect(grid.spotlit).to.equal(first);
    expect(first.clientWidth).to.be.greaterThan(second.clientWidth * 2);
    grid.spotlight(null);
    await nextFrame();
    expect(first.clientWidth).to.equal(second.clientWidth);
    expect(second.renderRoot.querySelector('video')).to.equal(video);
    expect(video?.paused).to.equal(false);
    expect(device.sessions).to.have.length(1);
  });

  it('move between tiles by arrows, into the spotlight by Enter and out of it by Escape', async () => {
    const { grid, slots } = await wall();
    const [first, second, third, fourth] = slots as [MsSlot, MsSlot, MsSlot, MsSlot];
    first.focus();
    const press = async (key: string) => {
      await sendKeys({ press: key });
      return document.activeElement;
    };
    expect(await press('ArrowRight')).to.equal(second);
    expect(await press('ArrowDown')).to.equal(fourth);
    expect(await press('ArrowLeft')).to.equal(third);
    expect(await press('ArrowUp')).to.equal(first);
    expect(await press('ArrowUp')).to.equal(first);
    await press('Enter');
    expect(grid.spotlit).to.equal(first);
    await press('Escape');
    expect(grid.spotlit).to.equal(null);
  });

  it('show a tile in fullscreen by F, and back', async () => {
    const { slots } = await wall();
    const [slot] = slots as [MsSlot];
    slot.focus();
    await sendKeys({ press: 'f' });
    await waitUntil(() => document.fullscreenElement === slot);
    await sendKeys({ press: 'f' });
    await waitUntil(() => document.fullscreenElement === null);
  });

  it('leave the keys to a control that has the focus', async () => {
    const { grid, slots } = await wall();
    const [slot] = slots as [MsSlot];
    button(slot, 'stats')?.focus();
    await sendKeys({ press: 'Enter' });
    expect(grid.spotlit).to.equal(null);
    expect(button(slot, 'stats')?.ariaPressed).to.equal('true');
  });

  it('leave a tabindex alone that the page has set', async () => {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url="http://device.test" ice-servers="[]">
        <ms-slot slot="0" stream="red" tabindex="-1"></ms-slot><ms-slot slot="1" stream="green"></ms-slot>
      </ms-grid>
    `);
    await waitUntil(() => grid.slots[1]?.tabIndex === 0);
    expect(grid.slots[0]?.tabIndex).to.equal(-1);
  });

  it('speak the language of the page, or the words that it brings', async () => {
    const { grid, slots } = await wall();
    const [slot] = slots as [MsSlot];
    const texts = () => [
      slot.renderRoot.querySelector('[part=badge]')?.textContent,
      button(slot, 'fullscreen')?.ariaLabel,
    ];
    const seen: unknown[] = [];
    for (const language of ['de', 'es', 'zh-CN', 'fr']) {
      grid.lang = language;
      slot.requestUpdate();
      await slot.updateComplete;
      seen.push(texts());
    }
    expect(seen).to.deep.equal([
      ['Live', 'Vollbild'],
      ['En directo', 'Pantalla completa'],
      ['直播', '全屏'],
      ['Live', 'Fullscreen'],
    ]);
    grid.strings = { active: 'Zo dadelijk' };
    await waitUntil(() => texts()[0] === 'Zo dadelijk');
    expect(texts()[1]).to.equal('Fullscreen');
  });

  it('tell in a polite live region when a tile fails', async () => {
    const { grid, slots } = await wall();
    const [slot] = slots as [MsSlot];
    const live = slot.renderRoot.querySelector('[role=status]');
    expect(live?.textContent).to.equal('Door, Live');
    const failed = oneEvent(grid, 'ms-error');
    slot.stream = 'nowhere';
    await failed;
    await waitUntil(() => live?.textContent === 'Door, Error, nowhere: stream not found');
  });

  for (const [state, arrange] of Object.entries({
    'with all controls': () => {},
    'with the measured values': ({ slots }: { slots: MsSlot[] }) => button(slots[0] as MsSlot, 'stats')?.click(),
    'with a tile in the spotlight': ({ grid }: { grid: MsGrid }) => grid.spotlight(0),
    'while the connection is lost': () => device.unplug(),
  })) {
    it(`have no accessibility violation ${state}`, async () => {
      const all = await wall();
      arrange(all);
      await nextFrame();
      await expect(all.grid).to.be.accessible();
    });
  }
});
