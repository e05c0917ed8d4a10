import { expect, fixture, fixtureCleanup, html, oneEvent, waitUntil } from '@open-wc/testing';
import '../../src/define.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import type { SlotStatus } from '../../src/protocol/messages.ts';
import { type Script, ScriptedDevice } from '../client/scripted-device.ts';
import { connectTo } from './network.ts';
import { button, clickOn } from './wall-of-four.ts';

describe('a tile of a camera of the field', () => {
  let device: ScriptedDevice;
  let disconnect: () => void;
  let slot: MsSlot;

  async function meet(script: Script = {}, mode = 'multistream'): Promise<void> {
    device = new ScriptedDevice(script);
    disconnect = connectTo(device);
    const grid = await fixture<HTMLElement>(html`
      <ms-grid device-url="http://device.test" ice-servers="[]" mode=${mode} controls="pip"><ms-slot stream="red"></ms-slot></ms-grid>
    `);
    slot = grid.querySelector('ms-slot') as MsSlot;
    await waitUntil(() => slot.state === 'active', 'active', { timeout: 8000 });
    await slot.updateComplete;
  }

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
    await meet();
    const video = slot.renderRoot.querySelector('video') as HTMLVideoElement;
    const stretch = () => video.getBoundingClientRect().width / video.offsetWidth;
    expect(stretch()).to.equal(1);
    say({ width: 160, height: 90, display_width: 240 });
    await waitUntil(() => Math.abs(stretch() - 1.5) < 0.02, 'stretched', { timeout: 8000 });
    const [picture, tile] = [video.getBoundingClientRect(), slot.getBoundingClientRect()];
    expect(picture.width).to.be.closeTo(tile.width, 1);
    expect(picture.left).to.be.closeTo(tile.left, 1);
    const { width, height } = await createImageBitmap(await slot.snapshot());
    expect(width / height).to.be.closeTo((video.videoWidth / video.videoHeight) * 1.5, 0.02);
    // As over MediaSource, where the browser shows the video in its shape by itself.
    say({ width: 120, height: 90, display_width: 160 });
    await waitUntil(() => stretch() === 1, 'as it is', { timeout: 8000 });
  });

  it('shows them in their shape in a window of their own, too', async () => {
    await meet();
    const video = slot.renderRoot.querySelector('video') as HTMLVideoElement;
    say({ width: 160, height: 90, display_width: 240 });
    await waitUntil(() => video.getBoundingClientRect().width > video.offsetWidth + 1, 'stretched', { timeout: 8000 });
    const { requestPictureInPicture } = HTMLVideoElement.prototype;
    const refused = new Promise<void>((resolve) => {
      HTMLVideoElement.prototype.requestPictureInPicture = () => {
        resolve();
        return Promise.reject(new DOMException('no window', 'NotAllowedError'));
      };
    });
    await clickOn(button(slot, 'pip') as HTMLElement);
    await refused;
    // The browser has a window the next time.
    const shown = new Promise<HTMLVideoElement>((resolve, reject) => {
      HTMLVideoElement.prototype.requestPictureInPicture = function () {
        const opened = requestPictureInPicture.call(this);
        opened.then(() => resolve(this), reject);
        return opened;
      };
    });
    try {
      await clickOn(button(slot, 'pip') as HTMLElement);
      const { videoWidth, videoHeight } = await shown;
      expect(videoWidth / videoHeight).to.be.closeTo(240 / 90, 0.02);
      const left = oneEvent(await shown, 'leavepictureinpicture');
      await clickOn(button(slot, 'pip') as HTMLElement);
      await left;
    } finally {
      HTMLVideoElement.prototype.requestPictureInPicture = requestPictureInPicture;
    }
  });

  it('shows them in their shape over a connection of its own, too', async () => {
    await meet({ shape: { width: 160, height: 90, display_width: 240 } }, 'webrtc');
    const video = slot.renderRoot.querySelector('video') as HTMLVideoElement;
    const stretch = () => video.getBoundingClientRect().width / video.offsetWidth;
    await waitUntil(() => Math.abs(stretch() - 1.5) < 0.02, 'stretched', { timeout: 8000 });
  });

  it('says that it waits for a key frame', async () => {
    await meet();
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
