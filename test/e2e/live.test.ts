import { expect, fixture, html, oneEvent } from '@open-wc/testing';
import type { MsSwitchEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { type Color, frameNumber, framesBetween, isColor } from '../support/picture.ts';
import {
  blue,
  describeEachWay,
  frameOf,
  type Installation,
  install,
  nextFrame,
  red,
  slotsOf,
  videoOf,
} from './wall.ts';

/** A tile's pixels in one callback of its video. */
interface Sight {
  /** Milliseconds since the wish. */
  at: number;
  /** Null while it is of another camera. */
  number: number | null;
  /** At the same moment in the tile that was on the new camera all along. */
  newest: number;
}

describeEachWay('the milliseconds that a switch tells', (way) => {
  let installation: Installation;

  before(async () => {
    installation = await install();
  });

  after(() => installation.stop());

  it('end with the first frame of the new camera and with the first live one, as the pixels have it', async () => {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]">
        <ms-slot slot="0" stream="red"></ms-slot>
        <ms-slot slot="1" stream="red"></ms-slot>
        <ms-slot slot="2" stream="blue"></ms-slot>
      </ms-grid>
    `);
    const [slot, onRed, onBlue] = slotsOf(grid) as [MsSlot, MsSlot, MsSlot];
    await frameOf(slot, red);
    await frameOf(onRed, red);
    await frameOf(onBlue, blue);
    const late: number[] = [];
    for (let count = 0; count < 10; count++) {
      const [stream, color, reference] =
        count % 2 === 0 ? (['blue', blue, onBlue] as const) : (['red', red, onRed] as const);
      // A GOP is 50 frames long: each switch meets it at another place.
      for (let frames = 0; frames < 7; frames++) {
        await nextFrame(reference);
      }
      const before = frameNumber(await nextFrame(reference)) as number;
      const { event, sights } = await switchTo(slot, stream, color, reference);
      const nearest = (time: number) =>
        sights.reduce((best, sight) => (Math.abs(sight.at - time) < Math.abs(best.at - time) ? sight : best));
      const first = nearest(event.milliseconds);
      const live = nearest(event.liveMilliseconds);
      expect(first.number, 'the first frame is of the new camera').not.to.equal(null);
      expect(event.liveMilliseconds).to.be.at.least(event.milliseconds);
      expect(
        framesBetween(before, live.number as number),
        'the live frame is no older than what the other tile showed before the wish',
      ).to.be.at.least(0);
      // A callback may find pixels that are newer than the frame that it is about.
      const caughtUp = sights.find(({ number, newest }) => number !== null && framesBetween(number, newest) <= 1);
      late.push(sights.indexOf(live) - sights.indexOf(caughtUp as Sight));
    }
    late.sort((a, b) => a - b);
    expect(late[late.length >> 1], `frames after the other tile was caught up with: ${late}`).to.be.within(0, 1);
  });

  async function switchTo(slot: MsSlot, stream: string, color: Color, reference: MsSlot) {
    const [video, other] = [videoOf(slot), videoOf(reference)] as [HTMLVideoElement, HTMLVideoElement];
    const sights: Sight[] = [];
    const wishedAt = performance.now();
    let watching = true;
    const look = (presentedAt: number) => {
      if (watching) {
        const number = isColor(video, color) ? frameNumber(video) : null;
        sights.push({ at: presentedAt - wishedAt, number, newest: frameNumber(other) as number });
        video.requestVideoFrameCallback(look);
      }
    };
    video.requestVideoFrameCallback(look);
    const switched = oneEvent<MsSwitchEvent>(slot, 'ms-switch');
    slot.stream = stream;
    const event = await switched;
    await nextFrame(slot);
    watching = false;
    return { event, sights };
  }
});
