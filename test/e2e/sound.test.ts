import { expect } from '@open-wc/testing';
import { type Listening, MultiStreamClient } from '../../src/client/index.ts';
import { type Cameras, type Device, startCameras, startDevice } from '../support/device.ts';
import { averageColor } from '../support/picture.ts';
import { type Meter, openMeter } from '../support/sound.ts';
import { until } from './wall.ts';

const common = { width: 160, height: 90, rate: 25, gop: 50 };

describe('the sound of a wall', () => {
  let cameras: Cameras;
  let device: Device;
  let client: MultiStreamClient;
  let tracks: Map<number, MediaStreamTrack>;
  let meter: Meter;
  const heard: Listening[] = [];

  before(async () => {
    cameras = await startCameras([
      { name: 'opus', color: [200, 40, 40], sound: 'OPUS', tone: 1000, ...common },
      { name: 'pcma', color: [40, 40, 200], sound: 'PCMA', tone: 600, ...common },
      { name: 'pcmu', color: [40, 170, 40], sound: 'PCMU', tone: 1800, ...common },
      { name: 'mute', color: [40, 170, 170], ...common },
    ]);
    const streams = Object.entries(cameras.urls).map(([name, url]) => `  ${name}: ${url}\n`);
    device = await startDevice(
      `api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: ":0"}\nstreams:\n${streams.join('')}`,
    );
  });

  beforeEach(async () => {
    heard.length = 0;
    client = new MultiStreamClient(device.url, {
      pcConfig: { iceServers: [] },
      onListening: (listening) => heard.push(listening),
    });
    tracks = await client.connect(['opus', 'pcma', 'pcmu', 'mute'].map((stream, slot) => ({ slot, stream })));
    meter = await openMeter(client.audioTrack as MediaStreamTrack);
  });

  afterEach(async () => {
    await meter.close();
    client.disconnect();
  });

  after(async () => {
    await device.stop();
    await cameras.stop();
  });

  /** Resolves with the device's answer. */
  async function listen(slot: number | null): Promise<Listening> {
    const before = heard.length;
    client.listen(slot);
    await until(() => heard.length > before);
    return heard.at(-1) as Listening;
  }

  /** How long samples have waited in the browser's buffer of sound, all together, in seconds. */
  async function buffered(): Promise<{ delay: number; samples: number }> {
    const report = await client.getStats(client.audioTrack);
    const { jitterBufferDelay, jitterBufferEmittedCount } = [...(report?.values() ?? [])].find(
      ({ type }) => type === 'inbound-rtp',
    );
    return { delay: jitterBufferDelay, samples: jitterBufferEmittedCount };
  }

  it('is that of the slot that was asked for last, and of no other', async () => {
    expect([...(await meter.tones(1500))]).to.deep.equal([]);
    expect(await listen(0)).to.deep.include({ slot: 0, codec: 'OPUS' });
    expect([...(await meter.tones())]).to.deep.equal([1000]);
    const wishes = [1, 2, 0, 1, 0, 2, 1, 0, 2, 1];
    for (const slot of wishes) {
      client.listen(slot);
    }
    await until(() => heard.length === 1 + wishes.length);
    expect(heard.map(({ slot }) => slot)).to.deep.equal([0, ...wishes]);
    expect(heard.at(-1)).to.deep.include({ slot: 1, codec: 'PCMA' });
    await meter.nextBeep();
    expect([...(await meter.tones())]).to.deep.equal([600]);
    expect((await listen(null)).slot).to.equal(-1);
    await meter.tones(300);
    expect([...(await meter.tones(1500))]).to.deep.equal([]);
  });

  it('follows the switches of the slot, to a camera without sound as well', async () => {
    await listen(0);
    await client.switchStream(0, 'pcmu');
    expect(heard.at(-1)).to.deep.include({ slot: 0, codec: 'PCMU' });
    await meter.nextBeep();
    expect([...(await meter.tones())]).to.deep.equal([1800]);
    await client.switchStream(0, 'mute');
    expect(heard.at(-1)).to.deep.include({ slot: 0, code: 'no-audio' });
    await meter.tones(300);
    expect([...(await meter.tones(1500))]).to.deep.equal([]);
    await client.switchStream(0, 'pcma');
    await meter.nextBeep();
    expect([...(await meter.tones())]).to.deep.equal([600]);
  });

  it('says that a camera sends none', async () => {
    const { code, error } = await listen(3);
    expect([code, error]).to.deep.equal(['no-audio', 'the camera sends no sound that can be used']);
  });

  for (const [slot, codec] of ['opus', 'pcma'].entries()) {
    // Chromium delays sound by what its packets jitter, and no picture by that: 40 ms on a quiet machine.
    it(`is in step with the picture, less what the browser's own buffer holds back, in ${codec}`, async () => {
      await listen(slot);
      const video = document.createElement('video');
      video.muted = true;
      video.srcObject = new MediaStream([tracks.get(slot) as MediaStreamTrack]);
      await video.play();
      const flashes: number[] = [];
      let isWhite = true;
      let isOver = false;
      const look = (now: number, { expectedDisplayTime }: VideoFrameCallbackMetadata) => {
        const wasWhite = isWhite;
        isWhite = averageColor(video).every((channel) => channel > 150);
        if (isWhite && !wasWhite) {
          flashes.push(Math.max(now, expectedDisplayTime));
        }
        if (!isOver) {
          video.requestVideoFrameCallback(look);
        }
      };
      video.requestVideoFrameCallback(look);
      const offsets: number[] = [];
      let before = await buffered();
      while (offsets.length < 10) {
        const beep = await meter.nextBeep();
        await meter.tones(300);
        const flash = flashes.find((time) => Math.abs(time - beep) < 400);
        const now = await buffered();
        const held = (1000 * (now.delay - before.delay)) / Math.max(now.samples - before.samples, 1);
        before = now;
        if (flash !== undefined) {
          offsets.push(beep - flash - held);
        }
      }
      isOver = true;
      video.srcObject = null;
      const median = offsets.toSorted((a, b) => a - b)[5] as number;
      expect(Math.abs(median), `${offsets.map(Math.round)}`).to.be.at.most(80);
    });
  }
});
