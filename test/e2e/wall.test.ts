import { expect, fixture, html } from '@open-wc/testing';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import {
  blue,
  cameraIn,
  describeEachWay,
  frameOf,
  frameWhere,
  type Installation,
  install,
  nextFrame,
  red,
  slotsOf,
  until,
} from './wall.ts';

/** Every peer connection and WebSocket that the page has opened, and what a test has sent to the device. */
const peers: RTCPeerConnection[] = [];
const sockets: WebSocket[] = [];
const sent: string[] = [];

describeEachWay('a wall of real cameras', (way) => {
  let installation: Installation;
  const real = {
    RTCPeerConnection: globalThis.RTCPeerConnection,
    WebSocket: globalThis.WebSocket,
    send: WebSocket.prototype.send,
  };
  /** The way that carries the pictures. */
  const connected = () =>
    way === 'multistream'
      ? peers.filter(({ connectionState }) => connectionState !== 'closed')
      : sockets.filter(({ readyState }) => readyState < WebSocket.CLOSING);

  before(async () => {
    installation = await install();
    globalThis.RTCPeerConnection = class extends real.RTCPeerConnection {
      constructor(config?: RTCConfiguration) {
        super(config);
        peers.push(this);
      }
    };
    globalThis.WebSocket = class extends real.WebSocket {
      constructor(url: string | URL) {
        super(url);
        sockets.push(this);
      }
    };
    WebSocket.prototype.send = function (data) {
      sent.push(String(data));
      real.send.call(this, data);
    };
  });

  beforeEach(() => {
    sent.length = 0;
  });

  after(async () => {
    globalThis.RTCPeerConnection = real.RTCPeerConnection;
    globalThis.WebSocket = real.WebSocket;
    WebSocket.prototype.send = real.send;
    await installation.stop();
  });

  async function wall(
    ...streams: (readonly [slot: number, stream: string, quality?: string])[]
  ): Promise<{ grid: MsGrid; slots: MsSlot[] }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]">
        ${streams.map(
          ([slot, stream, quality = '']) =>
            html`<ms-slot slot=${slot} data-slot=${slot} stream=${stream} quality=${quality}></ms-slot>`,
        )}
      </ms-grid>
    `);
    return { grid, slots: slotsOf(grid) };
  }

  it('plays two cameras and a variant of each', async () => {
    const { slots } = await wall([0, 'red'], [1, 'blue'], [2, 'red', '180p'], [3, 'blue', '180p']);
    const [one, two, three, four] = slots as [MsSlot, MsSlot, MsSlot, MsSlot];
    expect((await frameOf(one, red)).videoHeight).to.equal(360);
    expect((await frameOf(two, blue)).videoHeight).to.equal(360);
    expect((await frameOf(three, red)).videoHeight).to.equal(180);
    expect((await frameOf(four, blue)).videoHeight).to.equal(180);
    await until(() => slots.every(({ state }) => state === 'active'));
  });

  it('shows the other camera when the attribute stream changes', async () => {
    const { slots } = await wall([0, 'red']);
    const [slot] = slots as [MsSlot];
    await frameOf(slot, red);
    slot.setAttribute('stream', 'blue');
    await frameOf(slot, blue);
  });

  it('shows the other size when the attribute quality changes', async () => {
    const { slots } = await wall([0, 'red', '180p']);
    const [slot] = slots as [MsSlot];
    await frameOf(slot, red);
    slot.setAttribute('quality', 'native');
    const video = await frameWhere(slot, ({ videoHeight }) => videoHeight === 360);
    expect(video.videoWidth).to.equal(640);
    slot.setAttribute('quality', '180p');
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 180);
    expect(video.videoWidth).to.equal(320);
  });

  it('shows no black frame and none of a third camera between the old and the new', async () => {
    const { slots } = await wall([0, 'red'], [1, 'blue', '180p'], [2, 'green']);
    const [slot] = slots as [MsSlot];
    await frameOf(slot, red);
    for (const [from, to, quality] of [
      ['red', 'blue', ''],
      ['blue', 'red', '180p'],
      ['red', 'blue', '180p'],
      ['blue', 'red', ''],
    ] as const) {
      const seen: string[] = [];
      slot.stream = to;
      slot.quality = quality;
      while (seen.at(-1) !== to) {
        seen.push(cameraIn(await nextFrame(slot)));
      }
      expect(seen.filter((camera) => camera !== from && camera !== to)).to.deep.equal([]);
    }
  });

  it('has one connection for six slots, the same after twenty switches, and sends no SDP for them', async () => {
    const { slots } = await wall(
      [0, 'red'],
      [1, 'blue'],
      [2, 'green'],
      [3, 'red', '180p'],
      [4, 'blue', '180p'],
      [5, 'green', '180p'],
    );
    await until(() => slots.every(({ state }) => state === 'active'));
    const [slot] = slots as [MsSlot];
    const [one, ...others] = connected();
    expect(others).to.deep.equal([]);
    sent.length = 0;
    for (let count = 0; count < 20; count++) {
      slot.stream = count % 2 === 0 ? 'blue' : 'red';
      await frameOf(slot, count % 2 === 0 ? blue : red);
    }
    expect(connected()).to.deep.equal([one]);
    expect(sent.filter((text) => text.includes('m=video') || text.includes('multistream/offer'))).to.deep.equal([]);
    expect(sent.filter((text) => text.includes('multistream/switch')).length).to.equal(20);
  });

  it('says which stream does not exist, and plays the others', async () => {
    const { slots } = await wall([0, 'red'], [1, 'nowhere'], [2, 'blue']);
    const [one, two, three] = slots as [MsSlot, MsSlot, MsSlot];
    await frameOf(one, red);
    await frameOf(three, blue);
    await until(() => two.state === 'error');
    expect(two.reason).to.include('no camera');
    two.stream = 'red';
    await frameOf(two, red);
    await until(() => two.state === 'active');
  });

  it('goes on showing the old picture when a switch names a stream that does not exist', async () => {
    const { slots } = await wall([0, 'red']);
    const [slot] = slots as [MsSlot];
    await frameOf(slot, red);
    slot.stream = 'nowhere';
    await until(() => slot.state === 'error');
    const { currentTime } = await frameOf(slot, red);
    const later = await nextFrame(slot);
    expect(cameraIn(later)).to.equal('red');
    expect(later.currentTime).to.be.greaterThan(currentTime);
  });

  it('shows each camera in its own slot, whatever the numbers and their order', async () => {
    const { slots } = await wall([5, 'red'], [0, 'blue'], [3, 'red', '180p']);
    const [five, zero, three] = slots as [MsSlot, MsSlot, MsSlot];
    await frameOf(five, red);
    await frameOf(zero, blue);
    expect((await frameOf(three, red)).videoHeight).to.equal(180);
  });

  it('keeps playing when an element is moved in the document', async () => {
    const { grid, slots } = await wall([0, 'red'], [1, 'blue']);
    const [one] = slots as [MsSlot, MsSlot];
    await frameOf(one, red);
    const before = connected();
    grid.append(one);
    await frameOf(one, red);
    expect(connected()).to.deep.equal(before);
  });
});
