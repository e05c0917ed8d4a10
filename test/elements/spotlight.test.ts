import { expect, fixture, html, nextFrame, waitUntil } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { button, type Stage, setUp } from './wall-of-four.ts';

describe('a wall under keyboard and mouse', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = setUp();
  });

  afterEach(() => stage.tearDown());

  it('show one tile large without a new session, swap it by a click, and all alike again', async () => {
    const { grid, slots } = await stage.wall();
    const [first, second] = slots as [MsSlot, MsSlot];
    const video = second.renderRoot.querySelector('video');
    grid.spotlight(1);
    await nextFrame();
    expect(grid.spotlit).to.equal(second);
    expect(grid.matches(':state(spotlit)')).to.equal(true);
    expect(second.clientWidth).to.be.greaterThan(first.clientWidth * 2);
    first.click();
    await nextFrame();
    expect(grid.spotlit).to.equal(first);
    expect(first.clientWidth).to.be.greaterThan(second.clientWidth * 2);
    grid.spotlight(null);
    await nextFrame();
    expect(grid.matches(':state(spotlit)')).to.equal(false);
    expect(first.clientWidth).to.equal(second.clientWidth);
    expect(second.renderRoot.querySelector('video')).to.equal(video);
    expect(video?.paused).to.equal(false);
    expect(stage.device.sessions).to.have.length(1);
  });

  it('move between tiles by arrows, into the spotlight by Enter and out of it by Escape', async () => {
    const { grid, slots } = await stage.wall();
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
    const { slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    slot.focus();
    await sendKeys({ press: 'f' });
    await waitUntil(() => document.fullscreenElement === slot);
    await sendKeys({ press: 'f' });
    await waitUntil(() => document.fullscreenElement === null);
  });

  it('leave the keys to a control that has the focus', async () => {
    const { grid, slots } = await stage.wall();
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
});
