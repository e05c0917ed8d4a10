import { expect, nextFrame, oneEvent, waitUntil } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { MsSwitchEvent } from '../../src/elements/events.ts';
import { StatsMeter } from '../../src/elements/extras/stats.ts';
import { statsRows } from '../../src/elements/extras/stats-panel.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { button, clickOn, type Stage, setUp } from './wall-of-four.ts';

describe('the controls of a wall', () => {
  let stage: Stage;

  beforeEach(() => {
    stage = setUp();
  });

  afterEach(() => stage.tearDown());

  const names = (slot: MsSlot) => [...slot.renderRoot.querySelectorAll('.controls > *')].map((item) => item.className);

  it('are those that the grid or the tile names, each with a name for people, and none by default', async () => {
    const { grid, slots } = await stage.wall(null);
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
    const { slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    const panel = slot.renderRoot.querySelector<HTMLElement>('[part=stats]');
    expect(panel?.checkVisibility()).to.equal(false);
    button(slot, 'stats')?.click();
    await waitUntil(() => panel?.textContent?.includes('160 × 90'), 'the size', { timeout: 5000 });
    expect(button(slot, 'stats')?.ariaPressed).to.equal('true');
    await waitUntil(() => panel?.textContent?.includes('kbit/s'), 'the rate', { timeout: 5000 });
    button(slot, 'stats')?.click();
    await slot.updateComplete;
    expect(panel?.checkVisibility()).to.equal(false);
  });

  it('name the decoder, and whether it is a graphics processor’s, where the browser tells', () => {
    // Chromium tells only pages that may use camera or microphone.
    const rows = (entry: object) => {
      const report = new Map([['video', { type: 'inbound-rtp', kind: 'video', ...entry }]]) as never;
      const unheard = { codec: '', level: null };
      return statsRows(new StatsMeter().read(report, null), { decoder: 'Decoder' }, unheard).flatMap((row) =>
        row && row[0] === 'Decoder' ? row[1] : [],
      );
    };
    expect(rows({})).to.deep.equal([]);
    expect(rows({ decoderImplementation: 'FFmpeg', powerEfficientDecoder: false })).to.deep.equal(['FFmpeg']);
    expect(rows({ decoderImplementation: 'VaapiVideoDecoder', powerEfficientDecoder: true })).to.deep.equal([
      'VaapiVideoDecoder (GPU)',
    ]);
  });

  it('tell the codec and the level of the sound that is heard, and nothing of one that is not', () => {
    const sound = (codec: string, level: number | null) =>
      statsRows(null, { sound: 'Ton' }, { codec, level }).flatMap((row) => (row && row[0] === 'Ton' ? row[1] : []));
    expect(sound('', null)).to.deep.equal([]);
    expect([-0.2, -12.4, -61, null].flatMap((level) => sound('OPUS', level))).to.deep.equal([
      'OPUS, \u22120 dB',
      'OPUS, \u221212 dB',
      'OPUS, < \u221260 dB',
      'OPUS, –',
    ]);
  });

  it('take a picture of the tile in its own size', async () => {
    const { slots } = await stage.wall();
    const blob = await (slots[0] as MsSlot).snapshot();
    const { width, height } = await createImageBitmap(blob);
    expect([blob.type, width, height]).to.deep.equal(['image/png', 160, 90]);
    const empty = document.createElement('ms-slot');
    const failure = await empty.snapshot().catch((error) => error);
    expect(failure.name).to.equal('InvalidStateError');
  });

  it('choose the quality of the tile', async () => {
    const { slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    await waitUntil(() => button(slot, 'quality')?.querySelectorAll('option').length === 2);
    const menu = button(slot, 'quality') as HTMLSelectElement;
    expect([...menu.options].map(({ text }) => text)).to.deep.equal(['Automatic', 'Original']);
    expect(menu.value).to.equal('native');
    menu.value = 'auto';
    menu.dispatchEvent(new Event('change'));
    expect(slot.quality).to.equal('auto');
  });

  it('show a tile in fullscreen by a double click, and by its button', async () => {
    const { slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    // A synthetic double click alone has no right to that; the real click before it gives it.
    await clickOn(slot);
    slot.dispatchEvent(new MouseEvent('dblclick', { bubbles: true, composed: true }));
    await waitUntil(() => document.fullscreenElement === slot);
    await clickOn(button(slot, 'fullscreen') as HTMLElement);
    await waitUntil(() => document.fullscreenElement === null);
    await clickOn(button(slot, 'fullscreen') as HTMLElement);
    await waitUntil(() => document.fullscreenElement === slot);
    await document.exitFullscreen();
  });

  it('show a tile in a window of its own, and take it back', async () => {
    const { slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    const shadow = slot.renderRoot as ShadowRoot;
    await clickOn(button(slot, 'pip') as HTMLElement);
    await waitUntil(() => shadow.pictureInPictureElement === slot.renderRoot.querySelector('video'));
    await clickOn(button(slot, 'pip') as HTMLElement);
    await waitUntil(() => shadow.pictureInPictureElement === null);
  });

  it('save a snapshot under the name of the tile, by S and by the button', async () => {
    const { slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    const saved: HTMLAnchorElement[] = [];
    const { click } = HTMLAnchorElement.prototype;
    HTMLAnchorElement.prototype.click = function () {
      saved.push(this);
    };
    try {
      button(slot, 'snapshot')?.click();
      slot.focus();
      await sendKeys({ press: 's' });
      await waitUntil(() => saved.length === 2);
      const [first] = saved as [HTMLAnchorElement];
      expect(first.download).to.match(/^Door \d{4}-\d\d-\d\dT[\d-]+Z\.png$/);
      expect((await createImageBitmap(await (await fetch(first.href)).blob())).width).to.equal(160);
    } finally {
      HTMLAnchorElement.prototype.click = click;
    }
  });

  it('turn the sound of one tile on, by the button and by M, and say what cannot be heard', async () => {
    const { slots } = await stage.wall();
    const [one, other] = slots as [MsSlot, MsSlot];
    button(one, 'sound')?.click();
    expect(one.sound).to.equal(true);
    // The scripted device sends no sound.
    await waitUntil(() => button(one, 'sound')?.ariaLabel === 'Sound: This camera sends no sound');
    expect(button(one, 'sound')?.ariaPressed).to.equal('false');
    other.focus();
    await sendKeys({ press: 'm' });
    await waitUntil(() => !one.sound);
    expect([one.hasAttribute('sound'), other.hasAttribute('sound')]).to.deep.equal([false, true]);
    expect(button(one, 'sound')?.ariaLabel).to.equal('Sound');
    await sendKeys({ press: 'm' });
    await waitUntil(() => !other.sound);
  });

  it('measure a tile for the page: sizes at once, rates from the second time on, and the last switch', async () => {
    const { grid, slots } = await stage.wall();
    const [slot] = slots as [MsSlot];
    const first = await slot.getStats();
    expect(first).to.deep.include({ width: 160, height: 90, bitrate: null, loss: null, lastSwitch: null });
    slot.stream = 'green';
    const { milliseconds, liveMilliseconds } = await oneEvent<MsSwitchEvent>(slot, 'ms-switch');
    // Chrome gives the same report again for 50 ms.
    await waitUntil(async () => ((await slot.getStats())?.bitrate ?? 0) > 0);
    const stats = await slot.getStats();
    expect(stats?.lastSwitch).to.deep.equal({ first: milliseconds, live: liveMilliseconds });
    expect(stats?.report).to.be.instanceOf(RTCStatsReport);
    expect((await grid.getStats()).map((tile) => tile?.width)).to.deep.equal([160, 160, 160, 160]);
    slot.stream = '';
    await slot.updateComplete;
    expect(await slot.getStats()).to.equal(null);
  });

  for (const [state, arrange] of Object.entries({
    'with all controls': () => {},
    'with the measured values': ({ slots }: { slots: MsSlot[] }) => button(slots[0] as MsSlot, 'stats')?.click(),
    'with a tile in the spotlight': ({ grid }: { grid: MsGrid }) => grid.spotlight(0),
    'while the connection is lost': () => stage.device.unplug(),
  })) {
    it(`have no accessibility violation ${state}`, async () => {
      const all = await stage.wall();
      arrange(all);
      await nextFrame();
      await expect(all.grid).to.be.accessible();
    });
  }
});
