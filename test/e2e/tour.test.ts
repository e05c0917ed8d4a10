import { expect, fixture, html, oneEvent } from '@open-wc/testing';
import type { Tour } from '../../src/elements/extras/tours.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { type Cameras, type Device, startCameras, startClip, startDevice } from '../support/device.ts';
import { type Color, isBlack, isColor } from '../support/picture.ts';
import { describeEachWay, nextFrame, until } from './wall.ts';

/** Colours that are far apart. The last camera is switched off at first. */
const colors: Record<string, Color> = {
  camera1: [200, 40, 40],
  camera2: [40, 170, 40],
  camera3: [40, 40, 200],
  camera4: [200, 180, 40],
  camera5: [180, 40, 180],
  camera6: [40, 170, 170],
  camera7: [210, 210, 210],
  camera8: [70, 70, 70],
  late: [230, 115, 30],
};
const names = Object.keys(colors);
const settings = names.map((name) => ({
  ...{ name, color: colors[name] as Color, width: 320, height: 180, rate: 10, gop: 10, bitrate: 200 },
}));

describeEachWay('a tour of more cameras than a wall has tiles', (way) => {
  let device: Device;
  let cameras: Cameras;
  let late: Cameras;

  before(async function () {
    this.timeout(60_000);
    cameras = await startCameras(settings.slice(0, -1));
    late = await startCameras(settings.slice(-1));
    await late.stop();
    const urls = { ...cameras.urls, ...late.urls };
    // Four tiles need two sessions.
    device = await startDevice(
      `api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: ":0"}\nmultistream: {max_slots: 3}\n` +
        `streams:\n${names.map((name) => `  ${name}: ${urls[name]}\n`).join('')}`,
    );
  });

  after(async () => {
    await device.stop();
    await cameras.stop();
    await late.stop();
  });

  it('shows each of them in its turn, never black, never late, and keeps open no more than it needs', async function () {
    // Four steps of six seconds, each of which may wait for a camera.
    this.timeout(60_000);
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${device.url} mode=${way} ice-servers="[]" style="width: 600px">
        ${[0, 1, 2, 3].map((slot) => html`<ms-slot slot=${slot}></ms-slot>`)}
      </ms-grid>
    `);
    const tour = (await grid.tour({ streams: names, dwell: 6 })) as Tour;
    expect(tour.streams).to.deep.equal(names.slice(0, 4));
    await until(() => grid.slots.every(({ state }) => state === 'active'));

    const statuses: string[] = [];
    grid.addEventListener('ms-status', ({ status }) => statuses.push(status.status));
    const seen = new Set<string>();
    let isOver = false;
    const watches = grid.slots.map(async (slot: MsSlot) => {
      let before = slot.stream;
      while (!isOver) {
        const video = await nextFrame(slot);
        const shown = names.find((name) => isColor(video, colors[name] as Color));
        if (shown === slot.stream) {
          before = slot.stream;
        } else if (shown !== before) {
          seen.add(isBlack(video) ? 'black' : `${shown} instead of ${slot.stream}`);
        }
      }
    });
    let most = 0;
    const counting = (async () => {
      while (!isOver) {
        most = Math.max(most, (await open()).length);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();

    const pages: string[] = [];
    const go = async () => {
      await oneEvent(grid, 'ms-tour');
      pages.push(tour.streams.map((name) => name.replace('camera', '')).join(' '));
      await until(() => grid.slots.every(({ state }) => state === 'active'));
    };
    await go();
    await go();
    late = await startCameras(settings.slice(-1), late.port);
    await go();
    await go();
    tour.end();
    isOver = true;
    await Promise.all([...watches, counting]);

    expect(pages, 'the one that is off is passed over, and shown in the next round').to.deep.equal([
      '5 6 7 8',
      '1 2 3 4',
      '5 6 7 8',
      'late 1 2 3',
    ]);
    expect([...seen], 'frames that are out of place').to.deep.equal([]);
    // A camera that is not prepared says `buffering` first.
    expect([...new Set(statuses)]).to.deep.equal(['active']);
    expect(most, 'four shown, four that come next, and the one that is tried').to.be.at.most(9);
  });

  /** The cameras that the device has open. */
  async function open(): Promise<string[]> {
    const streams = await (await fetch(new URL('api/streams', device.url))).json();
    return names.filter((name) => streams[name].state !== 'idle');
  }
});

describe('a tour of cameras of which some start slowly', () => {
  const clip = { from: 0, to: 0, rate: 10, seconds: 1, gop: 10 };
  const streams = Array.from({ length: 12 }, (_, index) => `camera${index}`);
  let device: Device;

  before(async function () {
    // Twelve clips are encoded.
    this.timeout(60_000);
    // Each page of three but the first has a camera that starts quickly, one that takes its time, and one that takes longer than the
    // page is shown.
    const delay = (index: number) => (index < 3 ? 0 : ([0, 1500, 4500][index % 3] as number));
    const urls = await Promise.all(streams.map((_, index) => startClip({ ...clip, startsAfter: delay(index) })));
    device = await startDevice(
      `api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: ":0"}\nmultistream: {max_slots: 2}\n` +
        `streams:\n${urls.map((url, index) => `  ${streams[index]}: ${url}\n`).join('')}`,
    );
  });

  after(() => device.stop());

  it('never has more than two cameras a tile open, however it is taken on and back', async function () {
    this.timeout(60_000);
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${device.url} ice-servers="[]" style="width: 600px">
        ${[0, 1, 2].map((slot) => html`<ms-slot slot=${slot}></ms-slot>`)}
      </ms-grid>
    `);
    const tour = (await grid.tour({ streams, dwell: 2 })) as Tour;
    let [most, isOver] = [[] as string[], false];
    const counting = (async () => {
      while (!isOver) {
        const states = await (await fetch(new URL('api/streams', device.url))).json();
        const open = streams.filter((name) => states[name].state !== 'idle');
        most = open.length > most.length ? open : most;
      }
    })();
    await until(() => grid.slots.every(({ state }) => state === 'active'));
    for (let step = 0; step < 3; step++) {
      await oneEvent(grid, 'ms-tour');
    }
    for (const turn of ['next', 'next', 'previous', 'previous', 'previous', 'next'] as const) {
      tour[turn]();
      await until(() => grid.slots.some(({ state }) => state === 'active'));
    }
    await oneEvent(grid, 'ms-tour');
    isOver = true;
    await counting;
    expect(most, 'the most that were open').to.have.length.at.most(6);
    tour.end();
  });

  it('waits for one that plays only after its time is over', async function () {
    this.timeout(40_000);
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${device.url} ice-servers="[]" style="width: 300px"><ms-slot slot="0"></ms-slot></ms-grid>
    `);
    const shown: string[] = [];
    grid.addEventListener('ms-switch', ({ stream }) => shown.push(stream));
    // Started two seconds before its turn, the slow one is there half a second after it.
    const tour = (await grid.tour({ streams: ['camera0', 'camera5', 'camera1'], dwell: 2 })) as Tour;
    await until(() => shown.includes('camera1'));
    expect(shown.slice(-2)).to.deep.equal(['camera5', 'camera1']);
    tour.end();
  });
});
