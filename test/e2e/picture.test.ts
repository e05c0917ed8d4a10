import { expect, fixture, html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { frameNumber } from '../support/picture.ts';
import { removeFixtures } from '../support/removed.ts';
import {
  cameraIn,
  describeEachWay,
  frameOf,
  frameWhere,
  type Installation,
  install,
  red,
  slotsOf,
  until,
  videoOf,
} from './wall.ts';

describeEachWay('a tile that cares for its picture', (way) => {
  let installation: Installation;

  before(async () => {
    installation = await install();
  });

  afterEach(async () => {
    await removeFixtures();
  });

  after(() => installation.stop());

  async function wall(content: unknown, width = 800): Promise<{ grid: MsGrid; slots: MsSlot[] }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]" style="width: ${width}px">${content}</ms-grid>
    `);
    return { grid, slots: slotsOf(grid) };
  }

  it('takes the variant that fits its size, and another one when its size changes', async () => {
    const { grid, slots } = await wall(html`<ms-slot slot="0" stream="red" quality="auto"></ms-slot>`, 320);
    const [slot] = slots as [MsSlot];
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 180);
    expect(slot.getAttribute('quality')).to.equal('auto');
    grid.style.width = '780px';
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 360);
    grid.style.width = '250px';
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 180);
  });

  it('takes a better variant in the spotlight', async () => {
    const { grid, slots } = await wall(
      [0, 1, 2, 3].map((i) => html`<ms-slot slot=${i} stream="red" quality="auto"></ms-slot>`),
      720,
    );
    const [one, two] = slots as [MsSlot, MsSlot];
    await until(() => slots.every(({ state }) => state === 'active'));
    expect((await frameOf(one, red)).videoHeight).to.equal(180);
    grid.spotlight(one);
    await frameWhere(one, ({ videoHeight }) => videoHeight === 360);
    await frameWhere(two, ({ videoHeight }) => videoHeight === 180);
  });

  it('takes the best variant in fullscreen, and goes back', async () => {
    const { slots } = await wall(html`<ms-slot slot="0" stream="red" quality="auto"></ms-slot>`, 240);
    const [slot] = slots as [MsSlot];
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 180);
    slot.focus();
    await sendKeys({ press: 'f' });
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 360);
    expect(document.fullscreenElement).to.equal(slot);
    await document.exitFullscreen();
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 180);
  });

  it('shows a poster until its first frame: the page’s, or the device’s own still', async () => {
    const real = window.WebSocket;
    // No device answers there: it can be reached for a still, but for no session.
    window.WebSocket = class extends real {
      constructor() {
        super('ws://127.0.0.1:9');
      }
    } as typeof WebSocket;
    const ours = "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20width='2'%20height='1'/%3E";
    let shown: { grid: MsGrid; slots: MsSlot[] };
    try {
      shown = await wall(html`
        <ms-slot slot="0" stream="red" poster=${ours}></ms-slot><ms-slot slot="1" stream="blue"></ms-slot>
      `);
      const [one, two] = shown.slots as [MsSlot, MsSlot];
      await until(() => posterOf(one)?.src === ours);
      await until(() => posterOf(two)?.naturalWidth === 320);
      expect(posterOf(two)?.src).to.equal(`${installation.device.url}/api/frame.jpeg?src=blue&w=320`);
    } finally {
      window.WebSocket = real;
    }
    const { grid, slots } = shown;
    grid.connect();
    await frameOf(slots[0] as MsSlot, red);
    await until(() => slots.every((slot) => slot.state === 'active' && posterOf(slot) === null));
  });

  function posterOf(slot: MsSlot): HTMLImageElement | null {
    return slot.renderRoot.querySelector('[part=poster]');
  }

  it('fills its tile as the grid or the tile says', async () => {
    const { grid, slots } = await wall(
      [0, 1].map((i) => html`<ms-slot slot=${i} stream="red" style="aspect-ratio: 1"></ms-slot>`),
    );
    const [one, two] = slots as [MsSlot, MsSlot];
    await Promise.all(slots.map((slot) => frameOf(slot, red)));
    const fits = () => slots.map((slot) => getComputedStyle(videoOf(slot) as Element).objectFit);
    expect(fits()).to.deep.equal(['contain', 'contain']);
    grid.fit = 'cover';
    two.fit = 'contain';
    await Promise.all([grid.updateComplete, two.updateComplete]);
    expect(fits()).to.deep.equal(['cover', 'contain']);
    expect(one.clientWidth).to.equal(one.clientHeight);
  });

  it('says where in the tile the picture is, fitted, cut off, stretched or zoomed', async () => {
    const { slots } = await wall(html`<ms-slot slot="0" stream="red" style="aspect-ratio: 1"></ms-slot>`, 400);
    const [slot] = slots as [MsSlot];
    expect(slot.pictureBox).to.equal(null);
    await frameOf(slot, red);
    await until(() => slot.pictureBox !== null);
    const side = slot.getBoundingClientRect().width;
    const is = (x: number, y: number, width: number, height: number) => {
      const box = slot.pictureBox as DOMRect;
      for (const [value, wanted] of [
        [box.x, x],
        [box.y, y],
        [box.width, width],
        [box.height, height],
      ] as const) {
        expect(value).to.be.closeTo(wanted, 0.5);
      }
    };
    const [high, wide] = [(side * 9) / 16, (side * 16) / 9];
    is(0, (side - high) / 2, side, high);
    slot.fit = 'cover';
    await slot.updateComplete;
    is((side - wide) / 2, 0, wide, side);
    slot.fit = 'contain';
    await slot.updateComplete;
    const { style } = slot.renderRoot.querySelector('.picture') as HTMLElement;
    style.transform = 'scale(2) translate(25%, 25%)';
    is(0, side - high, 2 * side, 2 * high);
    style.transform = '';
    // As for pixels that are a quarter wider than high.
    style.setProperty('--_pixel-aspect', '1.25');
    await until(() => slot.renderRoot.querySelector('[part=label]') !== null);
    is(0, (side - high / 1.25) / 2, side, high / 1.25);
  });

  it('tells of each frame which stream it is of and when the camera took it, also across a switch', async function () {
    this.timeout(60_000);
    const { slots } = await wall(html`<ms-slot slot="0" stream="red" .frames=${true}></ms-slot>`);
    const [slot] = slots as [MsSlot];
    const frames: { stream: string; camera: string; offset: number | null }[] = [];
    slot.addEventListener('ms-frame', ({ stream, wallClock }) => {
      const video = videoOf(slot) as HTMLVideoElement;
      const number = frameNumber(video);
      // Frames are numbered by the camera's clock.
      const offset =
        wallClock === null || number === null ? null : ((wallClock / 40 - number + 32_768) % 65_536) - 32_768;
      frames.push({ stream, camera: cameraIn(video), offset });
    });
    const timed = () => frames.filter(({ offset }) => offset !== null);
    await until(() => timed().length > 40);
    slot.stream = 'blue';
    await until(() => timed().filter(({ stream }) => stream === 'blue').length > 40);
    // A callback may find pixels that are one frame newer than the frame that it is about.
    const others = frames.filter(({ stream, camera }) => stream !== camera);
    expect(others.length, JSON.stringify(others)).to.be.lessThan(2);
    const offsets = timed().map(({ offset }) => offset as number);
    const usual = offsets.toSorted((a, b) => a - b)[offsets.length >> 1] as number;
    const off = offsets.filter((offset) => Math.abs(offset - usual) >= 1);
    expect(off.length, `of ${offsets.length}: ${off.map((offset) => offset - usual)}`).to.be.lessThan(
      offsets.length * 0.1,
    );
    expect(Math.abs(usual), 'frames between the clock and the number').to.be.lessThan(5);
  });

  it('is paused on the device while it is out of sight, and plays again when it can be seen', async () => {
    const { slots } = await wall(html`
      <ms-slot slot="0" stream="red"></ms-slot>
      <ms-slot slot="1" stream="blue" eager></ms-slot>
    `);
    const [one, eager] = slots as [MsSlot, MsSlot];
    await until(() => slots.every(({ state }) => state === 'active'));
    const grid = one.parentElement as MsGrid;
    grid.style.marginTop = '400vh';
    await until(() => one.state === 'paused');
    expect(eager.state).to.equal('active');
    const paused = await packetsOf(one);
    grid.style.marginTop = '0';
    await until(() => one.state === 'active');
    // Chrome gives the same report again for 50 ms: the first one may still be that of the pause.
    while ((await packetsOf(one)) <= paused) {
      await frameOf(one, red);
    }
  });

  async function packetsOf(slot: MsSlot): Promise<number> {
    const stats = await slot.getStats();
    return [...(stats?.report.values() ?? [])].find(({ type }) => type === 'inbound-rtp').packetsReceived;
  }
});
