import { expect, fixture, html, oneEvent, waitUntil } from '@open-wc/testing';
import '../../src/define.ts';
import type { MsErrorEvent, MsSwitchEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { type Colour, colourOf, coloursUntil } from '../client/pictures.ts';
import { type Script, ScriptedDevice } from '../client/scripted-device.ts';
import { removeFixtures } from '../support/removed.ts';
import { connectTo } from './network.ts';

describe('<ms-slot>', () => {
  let device: ScriptedDevice;
  let disconnect: () => void;

  function meet(script: Script = {}): void {
    device = new ScriptedDevice(script);
    disconnect = connectTo(device);
  }

  afterEach(async () => {
    await removeFixtures();
    disconnect();
  });

  async function wall(content: unknown): Promise<MsGrid> {
    return fixture<MsGrid>(html`<ms-grid device-url="http://device.test" ice-servers="[]">${content}</ms-grid>`);
  }

  function tile(grid: Element, stream: string): MsSlot {
    return grid.querySelector(`ms-slot[stream="${stream}"]`) as MsSlot;
  }

  function videoOf(slot: MsSlot): HTMLVideoElement {
    return slot.renderRoot.querySelector('video') as HTMLVideoElement;
  }

  function textOf(slot: MsSlot, part: string): string | undefined {
    return slot.renderRoot.querySelector(`[part=${part}]`)?.textContent?.trim();
  }

  async function shows(slot: MsSlot, colour: Colour): Promise<void> {
    await waitUntil(() => slot.state === 'active', `${colour} active`, { timeout: 5000 });
    await coloursUntil(videoOf(slot), colour);
  }

  function heard(type: string): unknown[] {
    return device.heard.filter((message) => message.type === `multistream/${type}`);
  }

  it('shows its camera, muted and inline, and names it', async () => {
    meet();
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot>`);
    const slot = tile(grid, 'red');
    await shows(slot, 'red');
    await slot.updateComplete;
    expect([videoOf(slot).muted, videoOf(slot).playsInline]).to.deep.equal([true, true]);
    expect(textOf(slot, 'label')).to.equal('red');
    expect(textOf(slot, 'badge')).to.equal('Live');
    expect(slot.matches(':state(active)')).to.equal(true);
  });

  it('switches when its attribute changes, on the same video, never black, and tells how long it took', async () => {
    meet();
    const grid = await wall(html`<ms-slot slot="0" stream="red" label="Front door"></ms-slot>`);
    const slot = tile(grid, 'red');
    await shows(slot, 'red');
    const video = videoOf(slot);
    const track = (video.srcObject as MediaStream).getTracks()[0];
    const colours = coloursUntil(video, 'blue');
    const switched = oneEvent<MsSwitchEvent>(grid, 'ms-switch');
    slot.setAttribute('stream', 'blue');
    const event = await switched;
    expect(await colours).not.to.include('black');
    expect(event.target).to.equal(slot);
    expect(event.stream).to.equal('blue');
    expect(event.milliseconds).to.be.within(0, 5000);
    // This device replays nothing: its first frame is a live one.
    expect(event.liveMilliseconds).to.equal(event.milliseconds);
    expect(videoOf(slot)).to.equal(video);
    expect((video.srcObject as MediaStream).getTracks()[0]).to.equal(track);
    expect(heard('offer')).to.have.length(1);
    expect(textOf(slot, 'label')).to.equal('Front door');
  });

  it('asks for a variant when its quality changes', async () => {
    meet({ streams: { red: '#ff0000', 'red-360p': '#0000ff' } });
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot>`);
    const slot = tile(grid, 'red');
    await shows(slot, 'red');
    slot.quality = '360p';
    await oneEvent(slot, 'ms-switch');
    await shows(slot, 'blue');
    await slot.updateComplete;
    expect(textOf(slot, 'quality')).to.equal('360p');
  });

  it('goes on showing the old picture when a switch fails, and says why', async () => {
    meet();
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot>`);
    const slot = tile(grid, 'red');
    await shows(slot, 'red');
    const failed = oneEvent<MsErrorEvent>(grid, 'ms-error');
    slot.stream = 'nowhere';
    expect((await failed).error.message).to.equal('nowhere: stream not found');
    await slot.updateComplete;
    expect(slot.state).to.equal('error');
    expect(textOf(slot, 'reason')).to.equal('The device has no camera “nowhere”');
    expect(textOf(slot, 'label')).to.equal('red');
    expect(colourOf(videoOf(slot))).to.equal('red');
    slot.stream = 'green';
    await shows(slot, 'green');
  });

  it('says so when its stream does not exist, while the others play', async () => {
    meet();
    const grid = await wall(
      html`<ms-slot slot="0" stream="nowhere"></ms-slot><ms-slot slot="1" stream="green"></ms-slot>`,
    );
    await shows(tile(grid, 'green'), 'green');
    const lost = tile(grid, 'nowhere');
    await lost.updateComplete;
    expect(lost.state).to.equal('error');
    expect(textOf(lost, 'reason')).to.equal('The device has no camera “nowhere”');
  });

  it('says so when its device has no address, in any quality and while it waits for a picture', async () => {
    const slot = await fixture<MsSlot>(
      html`<ms-slot device-url="http://[::" stream="red" quality="auto" controls></ms-slot>`,
    );
    await waitUntil(() => slot.state === 'error');
    await slot.updateComplete;
    expect(textOf(slot, 'reason')).to.equal('“http://[::” is not the address of a device');
  });

  it('calls itself active only on the word of the device', async () => {
    meet({ deaf: ['multistream/switch'] });
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot>`);
    const slot = tile(grid, 'red');
    await shows(slot, 'red');
    slot.stream = 'blue';
    await slot.updateComplete;
    expect(slot.state).to.equal('buffering');
    await coloursUntil(videoOf(slot), 'red');
    expect(slot.state).to.equal('buffering');
    expect(textOf(slot, 'label')).to.equal('red');
  });

  it('keeps connection, video and picture when it is moved in the document', async () => {
    meet();
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot><ms-slot slot="1" stream="green"></ms-slot>`);
    const slot = tile(grid, 'red');
    await shows(slot, 'red');
    const video = videoOf(slot);
    grid.append(slot);
    await coloursUntil(video, 'red');
    expect(videoOf(slot)).to.equal(video);
    expect(video.paused).to.equal(false);
    expect(device.heardTypes()).to.deep.equal(['multistream/init', 'multistream/offer']);
  });

  it('lets go of track and slot when it is removed', async () => {
    meet();
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot><ms-slot slot="1" stream="green"></ms-slot>`);
    const slot = tile(grid, 'red');
    await shows(slot, 'red');
    const video = videoOf(slot);
    slot.remove();
    await waitUntil(() => heard('pause').length === 1);
    expect(video.srcObject).to.equal(null);
    expect(heard('pause')).to.deep.equal([{ type: 'multistream/pause', request_id: '3', slot: 0 }]);
  });

  it('is empty without a stream, and plays as soon as it has one', async () => {
    meet();
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot><ms-slot slot="1"></ms-slot>`);
    await shows(tile(grid, 'red'), 'red');
    const empty = grid.querySelectorAll('ms-slot')[1] as MsSlot;
    expect(empty.state).to.equal('inactive');
    empty.stream = 'blue';
    await shows(empty, 'blue');
    empty.stream = '';
    await waitUntil(() => heard('pause').length === 1);
    expect(empty.state).to.equal('inactive');
  });

  it('keeps its last picture through a loss of the connection, and plays again after it', async () => {
    meet();
    const grid = await wall(html`<ms-slot slot="0" stream="red"></ms-slot>`);
    const slot = tile(grid, 'red');
    await shows(slot, 'red');
    const video = videoOf(slot);
    device.unplug();
    await waitUntil(() => device.attempts >= 3);
    expect(slot.state).to.be.oneOf(['waiting', 'connecting']);
    expect(colourOf(video)).to.equal('red');
    device.plugIn();
    await waitUntil(() => videoOf(slot) !== video && slot.renderRoot.querySelectorAll('video').length === 1, '', {
      timeout: 5000,
    });
    await shows(slot, 'red');
    expect(video.srcObject).to.equal(null);
  });

  it('has no accessibility violation while it plays and when it fails', async () => {
    meet();
    const grid = await wall(
      html`<ms-slot slot="0" stream="nowhere"></ms-slot><ms-slot slot="1" stream="green"></ms-slot>`,
    );
    await shows(tile(grid, 'green'), 'green');
    await expect(grid).to.be.accessible();
  });
});
