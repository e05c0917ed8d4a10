import { expect, fixture, fixtureCleanup, html, nextFrame, oneEvent, waitUntil } from '@open-wc/testing';
import '../../src/define.ts';
import type { MsSwitchEvent } from '../../src/elements/events.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { colourOf } from '../client/pictures.ts';
import { type Script, ScriptedDevice } from '../client/scripted-device.ts';
import { connectTo } from './network.ts';

/** As the multistream fork of go2rtc (090b9e6): statuses without request ids, no mids, no spare slots, and `active` at once. */
const fork: Script = { framing: 'wrapped', mids: false, echoesRequestIds: false };

describe('a wall on a fork of go2rtc', () => {
  let device: ScriptedDevice;
  let disconnect: () => void;

  function meet(script: Script = {}): void {
    device = new ScriptedDevice({ ...fork, ...script });
    disconnect = connectTo(device);
  }

  afterEach(async () => {
    fixtureCleanup();
    await new Promise((resolve) => setTimeout(resolve));
    disconnect();
  });

  async function tile(...streams: string[]): Promise<MsSlot[]> {
    const grid = await fixture<HTMLElement>(html`
      <ms-grid device-url="http://device.test" ice-servers="[]">
        ${streams.map((stream) => html`<ms-slot stream=${stream}></ms-slot>`)}
      </ms-grid>
    `);
    return [...grid.querySelectorAll('ms-slot')];
  }

  async function plays(slot: MsSlot): Promise<void> {
    await waitUntil(() => slot.state === 'active', 'active', { timeout: 8000 });
    await slot.updateComplete;
  }

  function videoOf(slot: MsSlot): HTMLVideoElement {
    return slot.renderRoot.querySelector('video') as HTMLVideoElement;
  }

  it('counts a switch to the first key frame of the new camera, not to the word', async () => {
    meet({ switchDelay: 1200 });
    const [slot] = (await tile('red')) as [MsSlot];
    await plays(slot);
    const switched = oneEvent<MsSwitchEvent>(slot, 'ms-switch');
    slot.stream = 'blue';
    const { milliseconds } = await switched;
    expect(milliseconds).to.be.within(1200, 3500);
    expect(colourOf(videoOf(slot))).to.equal('blue');
    expect(slot.state).to.equal('active');
  });

  it('marks a picture that stands still after three seconds, and until it moves', async function () {
    this.timeout(20_000);
    meet({ switchDelay: null });
    const [slot] = (await tile('red')) as [MsSlot];
    await plays(slot);
    const wishedAt = performance.now();
    slot.stream = 'blue';
    await waitUntil(() => slot.matches(':state(stale)'), 'stale', { timeout: 8000 });
    expect(performance.now() - wishedAt).to.be.within(2500, 6500);
    expect(slot.state).not.to.equal('active');
    device.newest.show(0, 'blue');
    await waitUntil(() => !slot.matches(':state(stale)'), 'moving', { timeout: 8000 });
  });

  it('sends one switch at a time, and then the newest wish', async () => {
    meet();
    const [slot] = (await tile('red')) as [MsSlot];
    await plays(slot);
    device.newest.hold('multistream/switch');
    for (const stream of ['green', 'blue', 'yellow', 'green', 'blue']) {
      slot.stream = stream;
      await slot.updateComplete;
      await new Promise((resolve) => setTimeout(resolve));
    }
    const switches = () => device.heard.filter(({ type }) => type === 'multistream/switch').map(({ stream }) => stream);
    expect(switches()).to.deep.equal(['green']);
    device.newest.release();
    await plays(slot);
    await waitUntil(() => colourOf(videoOf(slot)) === 'blue', 'blue', { timeout: 5000 });
    expect(switches()).to.deep.equal(['green', 'blue']);
  });

  it('opens a new session when the device loses its candidates', async () => {
    meet({ hidesCandidates: true });
    const openedAt = performance.now();
    await tile('red');
    await waitUntil(() => device.sessions.length > 1, 'a new session', { timeout: 6000 });
    expect(performance.now() - openedAt).to.be.within(1900, 5000);
  });

  it('says in each tile that its stream does not exist, when the device has none of them', async () => {
    meet();
    const slots = await tile('nowhere', 'nobody');
    await waitUntil(() => slots.every(({ state }) => state === 'error'), 'errors', { timeout: 5000 });
    // The reader's words come with the extras.
    await waitUntil(() => slots.every(({ reason }) => reason.startsWith('The device has')), 'words', { timeout: 5000 });
    expect(slots.map(({ reason }) => reason)).to.deep.equal([
      'The device has no camera “nowhere”',
      'The device has no camera “nobody”',
    ]);
    const grid = slots[0]?.closest('ms-grid');
    expect(grid?.renderRoot.querySelector('[role=alert]')).to.equal(null);
  });

  it('plays a stream that the device did not have at first, without a break in the others', async function () {
    this.timeout(30_000);
    meet();
    const [red, late] = (await tile('red', 'late', 'nowhere')) as [MsSlot, MsSlot];
    await plays(red);
    await waitUntil(() => late.state === 'error', 'left out');
    const [session] = device.sessions as [typeof device.newest];
    expect(late.reason).to.equal('The device has no camera “late”');
    const { script } = session;
    script.streams = { ...script.streams, late: '#0000ff' };
    await plays(late);
    await waitUntil(() => colourOf(videoOf(late)) === 'blue', 'blue', { timeout: 5000 });
    expect(red.state).to.equal('active');
    expect(session.peer.connectionState).to.equal('connected');
    late.stream = 'green';
    await waitUntil(() => colourOf(videoOf(late)) === 'green', 'green', { timeout: 5000 });
  });

  it('keeps the last picture of a stream that the device no longer has when there is a new session', async () => {
    const streams: Record<string, string> = { red: '#ff0000', blue: '#0000ff' };
    meet({ streams });
    const [stays, goes] = (await tile('red', 'blue')) as [MsSlot, MsSlot];
    await Promise.all([stays, goes].map(plays));
    delete streams.blue;
    window.dispatchEvent(new Event('online'));
    await waitUntil(() => goes.state === 'error', 'left out', { timeout: 5000 });
    const colours = new Set<string>();
    for (let frame = 0; frame < 30; frame += 1) {
      colours.add(colourOf(videoOf(goes)));
      await nextFrame();
    }
    expect([...colours, stays.state]).to.deep.equal(['blue', 'active']);
  });

  it('repeats a wish that failed from time to time, since the device does not', async function () {
    this.timeout(25_000);
    meet();
    const [slot] = (await tile('red')) as [MsSlot];
    await plays(slot);
    slot.stream = 'dead';
    await waitUntil(() => slot.state === 'error');
    device.newest.script.streams.dead = '#0000ff';
    await waitUntil(() => slot.state === 'active', 'repeated', { timeout: 14_000 });
    expect(slot.reason).to.equal('');
  });
});
