import { expect, fixture, html, oneEvent } from '@open-wc/testing';
import type { MsSwitchEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { blue, describeEachWay, frameOf, green, type Installation, install, nextFrame, red, slotsOf } from './wall.ts';

describeEachWay('a camera that a page has prepared', (way) => {
  let installation: Installation;

  before(async () => {
    installation = await install('linger: 60s');
  });

  after(() => installation.stop());

  it('is switched to like one that plays already, though no viewer has watched it before', async () => {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]">
        <ms-slot slot="0" stream="red"></ms-slot>
        <ms-slot slot="1" stream="blue"></ms-slot>
      </ms-grid>
    `);
    const [slot, onBlue] = slotsOf(grid) as [MsSlot, MsSlot];
    await frameOf(slot, red);
    await frameOf(onBlue, blue);
    expect(await stateOf('green')).to.equal('idle');
    grid.prepare('green');
    while ((await stateOf('green')) !== 'live') {
      await nextFrame(slot);
    }

    const statuses: string[] = [];
    slot.addEventListener('ms-status', ({ status }) => statuses.push(`${status.stream} ${status.status}`));
    for (const [stream, color] of [
      ['blue', blue],
      ['green', green],
    ] as const) {
      const switched = oneEvent<MsSwitchEvent>(slot, 'ms-switch');
      slot.stream = stream;
      expect((await switched).stream).to.equal(stream);
      await frameOf(slot, color);
    }
    // A cold camera would say `buffering` first, until its first key frame.
    expect(statuses).to.deep.equal(['blue active', 'green active']);
  });

  async function stateOf(stream: string): Promise<string> {
    const streams = await (await fetch(new URL('api/streams', installation.device.url))).json();
    return streams[stream].state;
  }
});
