import { expect } from '@open-wc/testing';
import { type MultiStreamWall, useMultiStream } from '../../src/react/index.ts';
import { until } from '../e2e/wall.ts';
import { type Cameras, type Device, startCameras, startDevice } from '../support/device.ts';
import { openMeter } from '../support/sound.ts';
import { type Page, render } from './page.ts';

const common = { width: 160, height: 90, rate: 25, gop: 50, color: [40, 40, 200], beeps: 2 } as const;

describe('the sound of useMultiStream', () => {
  let cameras: Cameras;
  let device: Device;
  let page: Page;
  const { play } = HTMLMediaElement.prototype;
  const players = new Set<HTMLMediaElement>();
  const playing = () => [...players].filter(({ srcObject, paused }) => srcObject && !paused);

  before(async () => {
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      if (this.localName === 'audio' && !this.muted) {
        players.add(this);
      }
      return play.call(this);
    };
    cameras = await startCameras([
      { name: 'opus', sound: 'OPUS', tone: 600, ...common },
      { name: 'mute', ...common },
      { name: 'pcma', sound: 'PCMA', tone: 1000, ...common },
    ]);
    const streams = Object.entries(cameras.urls).map(([name, url]) => `  ${name}: ${url}\n`);
    device = await startDevice(
      `api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: ":0"}\nstreams:\n${streams.join('')}`,
    );
  });

  after(async () => {
    HTMLMediaElement.prototype.play = play;
    page.restore();
    await device.stop();
    await cameras.stop();
  });

  it('is that of one slot at a time, and says why there is none', async () => {
    let wall: MultiStreamWall | undefined;
    const options = { pcConfig: { iceServers: [] } };
    page = render(() => {
      wall = useMultiStream(device.url, [{ stream: 'opus' }, { stream: 'mute' }, { stream: 'pcma' }], options);
      return null;
    }, {});
    const soundOf = (slot: number) => wall?.slots[slot]?.sound;
    await until(() => wall?.slots.length === 3 && wall.slots.every(({ status }) => status?.status === 'active'));
    for (const [slot, codec, tone] of [
      [0, 'OPUS', 600],
      [2, 'PCMA', 1000],
    ] as const) {
      wall?.listen(slot);
      await until(() => soundOf(slot)?.codec === codec && playing().length === 1);
      const [player] = playing() as [HTMLMediaElement];
      const meter = await openMeter((player.srcObject as MediaStream).getTracks()[0] as MediaStreamTrack);
      await meter.nextBeep();
      expect([...(await meter.tones())]).to.deep.equal([tone]);
      await meter.close();
    }
    expect(soundOf(0)).to.equal(null);
    wall?.listen(1);
    await until(() => soundOf(1)?.code === 'no-audio');
    wall?.listen(null);
    await until(() => soundOf(1) === null && playing().length === 0);
    expect(page.complaints).to.deep.equal([]);
  });
});
