import { expect, fixture, html, nextFrame, oneEvent, waitUntil } from '@open-wc/testing';
import { arrangeTexts } from '../../src/elements/extras/arrange.ts';
import { tourTexts } from '../../src/elements/extras/tour-bar.ts';
import { loadStrings, stringsFor } from '../../src/elements/extras/words.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { button, type Stage, setUp } from './wall-of-four.ts';

describe('the words of a wall', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = setUp();
  });

  afterEach(() => stage.tearDown());

  it('speak the language of the page, or the words that it brings', async () => {
    const { grid, slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    const texts = () => [
      slot.renderRoot.querySelector('[part=badge]')?.textContent,
      button(slot, 'fullscreen')?.ariaLabel,
    ];
    const seen: unknown[] = [];
    for (const language of ['de', 'es', 'zh-CN', 'fr']) {
      grid.lang = language;
      slot.requestUpdate();
      // The texts in other languages are in a file of their own, which the first of these languages loads.
      await loadStrings(slot);
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

  it('say why something failed in that language too, in the tile and for the whole wall', async () => {
    const { grid, slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    grid.lang = 'de';
    slot.stream = 'nowhere';
    await waitUntil(() => slot.state === 'error');
    await loadStrings(slot);
    await slot.updateComplete;
    const reason = slot.renderRoot.querySelector('[part=reason]')?.textContent;
    expect([slot.reason, reason]).to.deep.equal(Array(2).fill('Das Gerät hat keine Kamera „nowhere“'));
    grid.deviceUrl = 'http://127.0.0.1:9';
    const told = () => grid.renderRoot.querySelector('[role=alert]')?.textContent;
    const german = 'Keine Antwort von http://127.0.0.1:9';
    await waitUntil(() => told()?.startsWith(german), german, { timeout: 5000 });
    grid.strings = { unreachable: '{device}? Ask Tom' };
    await waitUntil(() => told() === 'http://127.0.0.1:9? Ask Tom');
  });

  it('are those of the page around a shadow root that a tile stands in', async () => {
    const host = document.createElement('div');
    host.lang = 'es';
    document.body.append(host);
    const tile = host.attachShadow({ mode: 'open' }).appendChild(document.createElement('p'));
    await loadStrings(tile);
    expect(stringsFor(tile).active).to.equal('En directo');
    host.remove();
  });

  it('tell in a polite live region when a tile fails', async () => {
    const { grid, slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    const live = slot.renderRoot.querySelector('[role=status]');
    expect(live?.textContent).to.equal('Door, Live');
    const failed = oneEvent(grid, 'ms-error');
    slot.stream = 'nowhere';
    await failed;
    await waitUntil(() => live?.textContent === 'Door, Error, The device has no camera “nowhere”');
  });

  it('warn of a tile that streams unseen, since its parent has no place for its slot attribute', async () => {
    const { warn } = console;
    const warned: unknown[] = [];
    console.warn = (_text: string, tile: unknown) => warned.push(tile);
    try {
      const grid = await fixture<MsGrid>(html`
        <ms-grid device-url="http://device.test" ice-servers="[]">
          <div id="closed"><p><ms-slot stream="red"></ms-slot></p></div>
          <div id="open"><ms-slot stream="green" slot="0"></ms-slot><ms-slot stream="blue" slot-index="1"></ms-slot></div>
          <ms-slot stream="yellow" slot="7"></ms-slot>
        </ms-grid>
      `);
      grid.querySelector('#closed')?.attachShadow({ mode: 'open' });
      const open = grid.querySelector('#open')?.attachShadow({ mode: 'open' });
      open?.append(document.createElement('slot'));
      await waitUntil(() => warned.length === 2);
      await nextFrame();
      expect(warned.map((tile) => (tile as MsSlot).stream)).to.have.members(['red', 'green']);
    } finally {
      console.warn = warn;
    }
  });

  it('have every text in each of the four languages', async () => {
    const names = (texts: object) => Object.keys(texts).sort();
    const all = names({ ...tourTexts, ...arrangeTexts, ...stringsFor(document.createElement('p')) });
    for (const language of ['de', 'es', 'zh']) {
      const element = document.createElement('p');
      element.lang = language;
      await loadStrings(element);
      const texts = stringsFor(element);
      expect(names(texts), language).to.deep.equal(all);
      expect(
        Object.values(texts).filter((text) => text === ''),
        language,
      ).to.deep.equal([]);
    }
  });
});
