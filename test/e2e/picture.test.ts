import { expect, fixture, html } from '@open-wc/testing';
import { resetMouse, sendKeys, sendMouse } from '@web/test-runner-commands';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { screenshot } from '../support/device.ts';
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

  it('takes a better variant while the picture is zoomed, and says where the picture is', async () => {
    const { slots } = await wall(html`<ms-slot slot="0" stream="red" quality="auto"></ms-slot>`, 320);
    const [slot] = slots as [MsSlot];
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 180);
    slot.focus();
    await sendKeys({ press: '+' });
    await until(() => slot.renderRoot.querySelector('.zoomed') !== null);
    await sendKeys({ press: '+' });
    for (let i = 0; i < 5; i += 1) {
      await sendKeys({ press: 'ArrowLeft' });
      await sendKeys({ press: 'ArrowUp' });
    }
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 360);
    const tile = slot.getBoundingClientRect();
    const box = slot.pictureBox as DOMRect;
    expect([box.x, box.y].map(Math.round)).to.deep.equal([0, 0]);
    expect(box.width).to.be.closeTo(tile.width * 2, 1);
    // The squares in the picture, which are a twentieth of its width, are on the screen where the box says.
    const shown = await screenshot(tile);
    const canvas = new OffscreenCanvas(shown.width, shown.height).getContext('2d') as OffscreenCanvasRenderingContext2D;
    canvas.drawImage(shown, 0, 0);
    const side = box.width / 20;
    const scale = shown.width / tile.width;
    const at = (x: number, y: number) => [
      ...canvas.getImageData(Math.round((box.x + x * side) * scale), Math.round((box.y + y * side) * scale), 1, 1).data,
    ];
    const isGrey = ([r = 0, g = 0]: number[]) => Math.abs(r - g) < 40;
    // The zoom's level stands further down.
    expect(isGrey(at(0.4, 2.5)), 'left of the squares').to.equal(false);
    // The caption covers the middle of the row.
    expect(isGrey(at(9.5, 0.2)), 'a square').to.equal(true);
    expect(isGrey(at(9.5, 1.4)), 'below the squares').to.equal(false);
  });

  it('loses no frame and asks for no session when two tiles change places, by keys and by the pointer', async function () {
    this.timeout(60_000);
    const { grid, slots } = await wall(
      ['red', 'blue', 'green'].map((stream, i) => html`<ms-slot slot=${i} stream=${stream}></ms-slot>`),
    );
    const [one, two, three] = slots as [MsSlot, MsSlot, MsSlot];
    grid.columns = 3;
    grid.controls = 'move';
    await until(() => slots.every(({ state }) => state === 'active') && grid.layout !== undefined);
    const videos = slots.map((slot) => videoOf(slot) as HTMLVideoElement);
    /** Counts for each video the frames that it has presented, and those of the camera that it has not. */
    const seen = videos.map((video) => {
      const frames = { presented: 0, lost: 0, number: Number.NaN, total: Number.NaN };
      const look: VideoFrameRequestCallback = (_, { presentedFrames, rtpTimestamp, mediaTime }) => {
        const number = Math.round((rtpTimestamp ?? mediaTime * 90_000) / 3600);
        frames.lost += number - frames.number - (presentedFrames - frames.total) || 0;
        Object.assign(frames, { number, total: presentedFrames, presented: frames.presented + 1 });
        video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
      return frames;
    });
    const states: string[] = [];
    grid.addEventListener('ms-connection', ({ state }) => states.push(state));
    grid.addEventListener('ms-status', ({ status }) => states.push(status.status));
    const order = () => (grid.layout?.order ?? []).join(' ');
    const middle = (slot: MsSlot): [number, number] => {
      const { x, y, width, height } = slot.getBoundingClientRect();
      return [Math.round(x + width / 2), Math.round(y + height / 2)];
    };
    const byKeys = async () => {
      one.focus();
      const before = order();
      for (const press of ['g', before.endsWith('red') ? 'ArrowLeft' : 'ArrowRight', 'Enter']) {
        await sendKeys({ press });
      }
      expect(order()).to.not.equal(before);
    };
    const byPointer = async () => {
      const before = order();
      const [x, y] = middle(two);
      await sendMouse({ type: 'move', position: [x, y] });
      await sendMouse({ type: 'down' });
      await sendMouse({ type: 'move', position: [x + 20, y] });
      await sendMouse({ type: 'move', position: middle(three) });
      await sendMouse({ type: 'up' });
      expect(order()).to.not.equal(before);
    };
    /** Counts the frames that the three lose while this happens. */
    const lostDuring = async (act: () => Promise<void>): Promise<number> => {
      const [from, before] = [seen.map(({ presented }) => presented), seen.map(({ lost }) => lost)];
      const after = (count: number) =>
        until(() => seen.every(({ presented }, i) => presented > (from[i] ?? 0) + count));
      await after(5);
      await act();
      await after(25);
      await until(() => slots.every((slot) => slot.getAnimations().length === 0));
      return seen.reduce((sum, { lost }, i) => sum + lost - (before[i] ?? 0), 0);
    };
    for (const swap of [byKeys, byPointer]) {
      const lost = [await lostDuring(swap)];
      // A browser on a busy machine passes over frames at rest as well. Over the WebSocket they come in bursts, of which it always does.
      for (let atRest = 0; way === 'multistream' && (lost.at(-1) as number) > atRest; ) {
        expect(lost.length, `frames lost by each swap: ${lost}; at rest: ${atRest}`).to.be.lessThan(8);
        atRest = Math.max(atRest, await lostDuring(async () => {}));
        lost.push(await lostDuring(swap));
      }
    }
    await resetMouse();
    expect(
      states.filter((state) => state !== 'active'),
      'a session or a stream began anew',
    ).to.deep.equal([]);
    expect(slots.map(videoOf)).to.deep.equal(videos);
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

  it('tells of each frame which stream it is of and when the camera took it, also across a switch and while zoomed', async function () {
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
    slot.focus();
    await sendKeys({ press: '+' });
    await until(() => slot.renderRoot.querySelector('.zoomed') !== null);
    const unzoomed = timed().length;
    await until(() => timed().length > unzoomed + 40);
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
