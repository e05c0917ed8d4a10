import { expect, fixture, fixtureCleanup, html, waitUntil } from '@open-wc/testing';
import '../../src/define.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import type { SlotStatus } from '../../src/protocol/messages.ts';
import { ScriptedDevice } from '../client/scripted-device.ts';
import { connectTo } from './network.ts';

describe('a tile of a camera of the field', () => {
  let device: ScriptedDevice;
  let disconnect: () => void;
  let slot: MsSlot;

  beforeEach(async () => {
    device = new ScriptedDevice();
    disconnect = connectTo(device);
    const grid = await fixture<HTMLElement>(html`
      <ms-grid device-url="http://device.test" ice-servers="[]"><ms-slot stream="red"></ms-slot></ms-grid>
    `);
    slot = grid.querySelector('ms-slot') as MsSlot;
    await waitUntil(() => slot.state === 'active', 'active', { timeout: 8000 });
    await slot.updateComplete;
  });

  afterEach(async () => {
    fixtureCleanup();
    await new Promise((resolve) => setTimeout(resolve));
    disconnect();
  });

  function say(status: Partial<SlotStatus>): void {
    const whole: SlotStatus = { slot: 0, stream: 'red', status: 'active', ...status };
    device.newest.say({ type: 'multistream/status', slot: 0, status: whole });
  }

  it('shows pixels that are not square in their shape, and square ones as they are', async () => {
    const video = slot.renderRoot.querySelector('video') as HTMLVideoElement;
    const stretch = () => video.getBoundingClientRect().width / video.offsetWidth;
    expect(stretch()).to.equal(1);
    say({ width: 704, height: 576, display_width: 1024 });
    await waitUntil(() => Math.abs(stretch() - 1024 / 704) < 0.02, 'stretched', { timeout: 8000 });
    const [picture, tile] = [video.getBoundingClientRect(), slot.getBoundingClientRect()];
    expect(picture.width).to.be.closeTo(tile.width, 1);
    expect(picture.left).to.be.closeTo(tile.left, 1);
    const { width, height } = await createImageBitmap(await slot.snapshot());
    expect(width / height).to.be.closeTo((video.videoWidth / video.videoHeight) * (1024 / 704), 0.02);
    say({ width: 640, height: 360 });
    await waitUntil(() => stretch() === 1, 'as it is', { timeout: 8000 });
  });

  it('says that it waits for a key frame', async () => {
    slot.stream = 'blue';
    await slot.updateComplete;
    say({ stream: 'blue', status: 'buffering', code: 'no-keyframe' });
    await waitUntil(() => slot.reason !== '', 'reason');
    expect([slot.state, slot.reason]).to.deep.equal([
      'buffering',
      'The camera sends; its next key frame, with which the picture begins, may take a minute',
    ]);
  });
});
