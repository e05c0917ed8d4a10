import '../../src/define.ts';
import { expect, fixture, html } from '@open-wc/testing';
import { sendKeys, sendMouse } from '@web/test-runner-commands';
import type { MsStatusEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { absence } from '../../src/elements/portable-element.ts';
import type { SlotStatus } from '../../src/protocol/messages.ts';
import { type Device, startClip, startDevice } from '../support/device.ts';
import { frameNumber } from '../support/picture.ts';
import { slotsOf, until, videoOf } from './wall.ts';

/** The scene is quiet for some seconds, then a block moves. Key frames are further apart than a picture may stand still. */
const clip = { from: 213, to: 250, rate: 25, seconds: 12, gop: 100 };
const length = clip.rate * clip.seconds;

/** From one picture to the next, in units of 1/90,000 s. */
const ticks = 90_000 / clip.rate;

interface Shown {
  number: number;
  /** The frame's RTP timestamp. */
  time: number;
  /** The device's last word at that time. */
  isCalm: boolean;
}

describe('a calm wall', () => {
  let device: Device;

  before(async function () {
    // The clip is coded here, which takes long on a busy machine.
    this.timeout(60_000);
    absence.limit = 0;
    const camera = await startClip(clip);
    device = await startDevice(
      `api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: ":0"}\nstreams:\n  yard: ${camera}\n`,
    );
  });

  after(() => device?.stop());

  async function wall(mode: string, tiles = 1) {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${device.url} mode=${mode} ice-servers="[]" calm style="width: ${tiles > 1 ? 600 : 320}px">
        ${Array.from({ length: tiles }, (_, slot) => html`<ms-slot slot=${slot} stream="yard"></ms-slot>`)}
      </ms-grid>
    `);
    const slots = slotsOf(grid);
    const statuses: SlotStatus[] = [];
    grid.addEventListener('ms-status', (event) => statuses.push((event as MsStatusEvent).status));
    return { grid, slots, slot: slots[0] as MsSlot, statuses };
  }

  /** Collects the numbers of the frames that a tile presents. */
  function watch(slot: MsSlot): Shown[] {
    const shown: Shown[] = [];
    const video = videoOf(slot) as HTMLVideoElement;
    const look = () =>
      video.requestVideoFrameCallback((_, { rtpTimestamp, mediaTime }) => {
        const number = frameNumber(video);
        if (number !== null && shown.at(-1)?.number !== number) {
          shown.push({ number, time: rtpTimestamp ?? Math.round(mediaTime * 90_000), isCalm: isCalm(slot) });
        }
        look();
      });
    look();
    return shown;
  }

  const isCalm = (slot: MsSlot) => badge(slot) === 'Calm';
  const badge = (slot: MsSlot) => slot.shadowRoot?.querySelector('[part=badge]')?.textContent;

  it('shows key frames while nothing moves, and the first picture of a movement, over WebRTC and the WebSocket', async function () {
    this.timeout(90_000);
    await sendMouse({ type: 'move', position: [700, 500] });
    const walls = await Promise.all(['multistream', 'socket'].map((mode) => wall(mode)));
    await until(() => walls.every(({ slot }) => slot.state === 'active' && isCalm(slot)));
    const stale: string[] = [];
    const watched = walls.map(({ slot, statuses }, index) => {
      expect(slot.matches(':state(active)')).to.equal(true);
      const looking = setInterval(() => slot.matches(':state(stale)') && stale.push(`wall ${index}`), 100);
      return { slot, statuses, shown: watch(slot), looking };
    });
    // From here a whole round of the clip, and the movement of the next one.
    const wakes = (shown: Shown[]) =>
      shown.filter(({ number }, index) => number >= clip.from && (shown[index - 1]?.number ?? length) < clip.from);
    await until(() =>
      watched.every(({ shown }) => wakes(shown).length >= 2 && (shown.at(-1)?.number ?? 0) > clip.to - 15),
    );
    for (const { slot, statuses, shown, looking } of watched) {
      clearInterval(looking);
      // Counted from a frame that is shown, since a busy machine may show the frames before it together.
      const woken = statuses
        .filter(({ calm }, at) => !calm && statuses[at - 1]?.calm)
        .map(({ rtp_live = 0 }) => rtp_live);
      const sent = woken.flatMap((live) => {
        const frame = shown.find(({ time }) => ((time - live) | 0) >= 0);
        return frame ? [frame.number - Math.round(((frame.time - live) | 0) / ticks)] : [];
      });
      expect(sent.length, 'movements').to.be.greaterThan(1);
      expect(
        sent.every((number) => Math.abs(number - clip.from) <= 1),
        `woken by ${sent}`,
      ).to.equal(true);
      const isKey = (number: number) => number % clip.gop === 0;
      // Frames that were on their way when the device called the slot calm follow each other; a key frame in calm comes alone.
      let keys = 0;
      let hasSettled = false;
      const others: number[] = [];
      for (const [index, { isCalm: calm, number }] of shown.entries()) {
        const isAlone = calm && isKey(number) && (shown[index - 1]?.number ?? number) < number - clip.rate;
        keys += Number(isAlone);
        hasSettled = calm && (hasSettled || isAlone);
        if (hasSettled && !isKey(number) && number < clip.from - 1) {
          others.push(number);
        }
      }
      expect(keys, 'key frames').to.be.greaterThan(1);
      expect(others, 'other frames in calm').to.deep.equal([]);
      expect(shown.some(({ isCalm: calm }) => !calm)).to.equal(true);
      const movements = [0];
      for (const [index, { number }] of shown.entries()) {
        movements[0] = (movements[0] as number) + Number(number >= clip.from && number < clip.to);
        if (number < clip.from && (shown[index - 1]?.number ?? 0) >= clip.from) {
          movements.unshift(0);
        }
      }
      // A busy machine shows a part of them; calm would show none, and a video that is stuck two.
      expect(Math.min(...movements), `pictures of each movement: ${movements}`).to.be.greaterThan(5);
      expect(slot.state).to.equal('active');
    }
    expect(stale).to.deep.equal([]);
  });

  it('shows everything of a tile that is looked at, and asks the device for nothing else', async function () {
    this.timeout(60_000);
    await sendMouse({ type: 'move', position: [700, 500] });
    const { grid, slots, statuses } = await wall('multistream', 6);
    const [pointed, focused, large, heard, whole, other] = slots as [MsSlot, MsSlot, MsSlot, MsSlot, MsSlot, MsSlot];
    // All show the same camera, so that those that are not looked at say when nothing moves in it.
    const only = (...awake: MsSlot[]) => until(() => slots.every((slot) => isCalm(slot) !== awake.includes(slot)));
    await only();
    grid.spotlight(large);
    heard.sound = true;
    focused.focus();
    await grid.updateComplete;
    const { x, y, width, height } = pointed.getBoundingClientRect();
    await sendMouse({ type: 'move', position: [Math.round(x + width / 2), Math.round(y + height / 2)] });
    await only(pointed, focused, large, heard);
    await sendMouse({ type: 'move', position: [700, 500] });
    grid.spotlight(null);
    heard.sound = false;
    focused.blur();
    await only();
    // Pointer and focus are elsewhere, so that the whole screen alone wakes the tile.
    whole.style.pointerEvents = 'none';
    const key = document.createElement('button');
    key.addEventListener('click', () => whole.requestFullscreen());
    grid.after(key);
    key.focus();
    await sendKeys({ press: 'Enter' });
    await only(whole);
    expect([document.fullscreenElement, whole.matches(':hover, :focus-within')]).to.deep.equal([whole, false]);
    await document.exitFullscreen();
    key.remove();
    await only();
    grid.calm = false;
    await until(() => slots.every((slot) => !isCalm(slot)));
    expect(statuses.every(({ status }) => status === 'active' || status === 'buffering')).to.equal(true);
    expect(other.state).to.equal('active');
  });
});
