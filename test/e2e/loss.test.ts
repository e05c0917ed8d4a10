import { expect, fixture, fixtureCleanup, html } from '@open-wc/testing';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { type Cameras, type Device, startCameras, startDevice } from '../support/device.ts';
import { interceptNetwork, type Network } from './network.ts';
import { frameOf, frameWhere, red, slotsOf } from './wall.ts';

describe('a wall whose network loses packets', () => {
  let cameras: Cameras;
  let device: Device;
  let network: Network;
  const peers: RTCPeerConnection[] = [];
  const Real = window.RTCPeerConnection;

  before(async () => {
    network = interceptNetwork({ media: true });
    window.RTCPeerConnection = class extends Real {
      constructor(config?: RTCConfiguration) {
        super(config);
        peers.push(this);
      }
    };
    cameras = await startCameras([{ name: 'red', color: red, width: 640, height: 360, rate: 25, gop: 50 }]);
    // A key frame comes when it is asked for, and then not for long.
    device = await startDevice(
      'api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: ":0"}\nmultistream: {adaptive: false}\nstreams:\n' +
        `  red: ${cameras.urls.red}\n  red-180p: {source: "ffmpeg:red#video=h264#height=180#gop=1000", preload: true}\n`,
    );
  });

  after(async () => {
    fixtureCleanup();
    network.restore();
    window.RTCPeerConnection = Real;
    await device.stop();
    await cameras.stop();
  });

  it('shows another size only with its own parameter sets, which it gets again when they were lost', async () => {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${device.url} ice-servers="[]"><ms-slot slot="0" stream="red"></ms-slot></ms-grid>
    `);
    const [slot] = slotsOf(grid) as [MsSlot];
    await frameOf(slot, red);
    await network.loseParameterSet();
    slot.quality = '180p';
    // With the old ones the browser would take each new picture for one of 360 lines, until the next key frame.
    await frameWhere(slot, ({ videoHeight }) => videoHeight === 180);
    expect(await keyFrameRequests(peers)).to.equal(0);
  });
});

/** Picture Loss Indications (RFC 4585) that the page sent. */
async function keyFrameRequests(peers: readonly RTCPeerConnection[]): Promise<number> {
  const reports = await Promise.all(peers.map(async (peer) => [...(await peer.getStats()).values()]));
  return reports.flat().reduce((sum, { pliCount = 0 }) => sum + pliCount, 0);
}
