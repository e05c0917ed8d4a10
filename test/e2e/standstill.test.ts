import { expect, fixture, html } from '@open-wc/testing';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { interceptNetwork, type Network } from './network.ts';
import {
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

describeEachWay('a picture that stands still though the device calls it live', (way) => {
  let installation: Installation;
  let network: Network;
  const send = WebSocket.prototype.send;
  const sent: string[] = [];

  before(async () => {
    installation = await install();
    WebSocket.prototype.send = function (data) {
      sent.push(JSON.parse(String(data)).type);
      send.call(this, data);
    };
    network = interceptNetwork({ media: true });
  });

  after(async () => {
    network.restore();
    WebSocket.prototype.send = send;
    await installation.stop();
  });

  it('is noticed: a key frame is asked for, then the stream, then there is a new session, and it moves again', async function () {
    this.timeout(40_000);
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]"><ms-slot slot="0" stream="red"></ms-slot></ms-grid>
    `);
    const [slot] = slotsOf(grid) as [MsSlot];
    await frameOf(slot, red);
    await until(() => slot.state === 'active');
    const still = videoOf(slot);
    sent.length = 0;
    await network.muteMedia();
    await frameWhere(slot, (video) => video !== still);
    await frameOf(slot, red);
    // The old session ends a little after the new one plays.
    await until(() => sent.includes('multistream/close'));
    const steps = sent.filter((type) => /keyframe|resume|init|close/.test(type));
    expect(steps).to.deep.equal(['keyframe', 'resume', 'init', 'close'].map((step) => `multistream/${step}`));
    await until(() => slot.state === 'active');
    expect(grid.connectionState).to.equal('open');
  });
});
