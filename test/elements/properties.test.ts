import { expect, fixture, fixtureCleanup, html, waitUntil } from '@open-wc/testing';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';

describe('the properties of the elements', () => {
  afterEach(fixtureCleanup);

  // This test is first because the elements must not be defined yet.
  it('are taken over when a page sets them before the elements are defined', async () => {
    const holder = await fixture(html`<div><ms-grid><ms-slot></ms-slot></ms-grid></div>`);
    const grid = holder.querySelector('ms-grid') as MsGrid;
    const slot = holder.querySelector('ms-slot') as MsSlot;
    expect(customElements.get('ms-grid')).to.equal(undefined);
    Object.assign(grid, {
      layout: { spotlight: 'camera1' },
      columns: 4,
      eager: true,
      strings: { active: 'On air' },
      iceServers: [],
    });
    Object.assign(slot, { stream: 'camera1', quality: '360p', index: 3 });
    await import('../../src/define.ts');
    await slot.updateComplete;
    expect([grid.columns, grid.eager, grid.strings]).to.deep.equal([4, true, { active: 'On air' }]);
    expect([slot.stream, slot.quality, slot.place]).to.deep.equal(['camera1', '360p', 3]);
    expect(Object.keys(grid)).not.to.include.members(['columns', 'layout']);
    await waitUntil(() => grid.spotlit === slot, 'the layout');
    expect(slot.getAttribute('stream')).to.equal('camera1');
  });

  it('and its attributes tell the same, whichever a page sets', async () => {
    const slot = await fixture<MsSlot>(html`<ms-slot device-url="http://127.0.0.1:9"></ms-slot>`);
    Object.assign(slot, {
      stream: 'camera1',
      quality: 'auto',
      label: 'Door',
      poster: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=',
      fit: 'cover',
      theme: 'dark',
      controls: 'stats',
      eager: true,
      slotIndex: 2,
    });
    await slot.updateComplete;
    expect(Object.fromEntries([...slot.attributes].map(({ name, value }) => [name, value]))).to.deep.equal({
      'device-url': 'http://127.0.0.1:9',
      tabindex: '0',
      stream: 'camera1',
      quality: 'auto',
      label: 'Door',
      poster: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=',
      fit: 'cover',
      theme: 'dark',
      controls: 'stats',
      eager: '',
      'slot-index': '2',
    });
    for (const name of ['stream', 'quality', 'controls', 'eager', 'slot-index']) {
      slot.removeAttribute(name);
    }
    const { stream, quality, controls, eager, place } = slot;
    expect({ stream, quality, controls, eager, place }).to.deep.equal({
      stream: '',
      quality: '',
      controls: null,
      eager: false,
      place: undefined,
    });
  });

  it('leave an untouched element without attributes of their own', async () => {
    const grid = await fixture<MsGrid>(html`<ms-grid device-url="http://127.0.0.1:9"></ms-grid>`);
    expect(grid.getAttributeNames()).to.deep.equal(['device-url']);
  });

  it('of accessibility are the page’s where it sets them', async () => {
    const slot = await fixture<MsSlot>(html`
      <ms-slot device-url="http://127.0.0.1:9" stream="camera1" role="listitem" tabindex="-1" aria-label="Gate"></ms-slot>
    `);
    await slot.updateComplete;
    expect(['role', 'tabindex', 'aria-label'].map((name) => slot.getAttribute(name))).to.deep.equal([
      'listitem',
      '-1',
      'Gate',
    ]);
  });
});
