import '../../src/define.ts';
import { expect, fixture, fixtureCleanup, nextFrame, oneEvent } from '@open-wc/testing';
import { sendMouse } from '@web/test-runner-commands';
import { type Listening, MultiStreamClient } from '../../src/client/index.ts';
import type { SlotSource, SlotTrack } from '../../src/client/media.ts';
import { openSocketMedia } from '../../src/client/socket-media.ts';
import type { MsSoundEvent } from '../../src/elements/extras/sound.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { type CameraSettings, type Cameras, type Device, startCameras, startDevice } from '../support/device.ts';
import { type Meter, openMeter } from '../support/sound.ts';
import { forgetMultistream, type StockDevice } from './stock-device.ts';
import { until } from './wall.ts';

const common = { width: 160, height: 90, rate: 25, gop: 50, beeps: 2 } as const;
const changed = (sound: Partial<CameraSettings>): CameraSettings => ({
  ...{ name: 'changing', color: [40, 170, 170], ...common, ...sound },
});

describe('the sound of a wall', () => {
  let cameras: Cameras;
  let changing: Cameras;
  let device: Device;
  let client: MultiStreamClient;
  let meter: Meter;
  const heard: Listening[] = [];

  before(async () => {
    cameras = await startCameras([
      { name: 'opus', color: [200, 40, 40], sound: 'OPUS', tone: 1000, ...common },
      { name: 'pcma', color: [40, 40, 200], sound: 'PCMA', tone: 600, ...common },
      { name: 'pcmu', color: [40, 170, 40], sound: 'PCMU', tone: 1800, ...common },
      { name: 'mute', color: [40, 170, 170], ...common },
      { name: 'aac', color: [170, 40, 170], sound: 'AAC', tone: 1000, ...common },
    ]);
    changing = await startCameras([changed({ sound: 'OPUS', tone: 1400 })]);
    const streams = Object.entries({ ...cameras.urls, ...changing.urls }).map(([name, url]) => `  ${name}: ${url}\n`);
    device = await startDevice(`
api: {listen: "127.0.0.1:0", origin: "*"}
webrtc: {listen: ":0"}
streams:
${streams.join('')}
  unheard: ${cameras.urls.opus}#media=video
  phone: ["${cameras.urls.aac}", "ffmpeg:phone#audio=pcma"]
  read: ffmpeg:${cameras.urls.aac}
`);
  });

  beforeEach(async () => {
    heard.length = 0;
    client = new MultiStreamClient(device.url, {
      pcConfig: { iceServers: [] },
      onListening: (listening) => heard.push(listening),
    });
    await client.connect(['opus', 'pcma', 'pcmu', 'mute', 'aac'].map((stream, slot) => ({ slot, stream })));
    meter = await openMeter(client.audioTrack as MediaStreamTrack);
  });

  afterEach(async () => {
    await meter.close();
    client.disconnect();
  });

  after(async () => {
    await device.stop();
    await cameras.stop();
    await changing.stop();
  });

  /** Resolves with the device's answer, as soon as the camera has said what it sends. */
  async function listen(slot: number | null): Promise<Listening> {
    const before = heard.length;
    client.listen(slot);
    const isKnown = ({ codec, code }: Listening) => slot === null || codec !== undefined || code !== undefined;
    await until(() => heard.slice(before).some(isKnown));
    return heard.at(-1) as Listening;
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

  it('comes as Opus of a camera that sends AAC, which no browser takes over WebRTC', async () => {
    expect(await listen(4)).to.deep.include({ slot: 4, codec: 'OPUS' });
    await meter.nextBeep();
    expect([...(await meter.tones())]).to.deep.equal([1000]);
    await listen(1);
    await meter.nextBeep();
    expect([...(await meter.tones())]).to.deep.equal([600]);
    await listen(4);
    await meter.nextBeep();
    expect([...(await meter.tones())]).to.deep.equal([1000]);
  });

  /** @returns the device's answer */
  type Negotiate = (offer: string) => Promise<string>;
  const byWhep: Negotiate = async (offer) => {
    const headers = { 'Content-Type': 'application/sdp' };
    const answer = await fetch(`${device.url}/api/webrtc?src=opus`, { method: 'POST', headers, body: offer });
    return answer.text();
  };
  const bySocket: Negotiate = async (offer) => {
    const socket = new WebSocket(`${device.url.replace('http', 'ws')}/api/ws?src=opus`);
    socket.onopen = () => socket.send(JSON.stringify({ type: 'webrtc/offer', value: offer }));
    const answer = await new Promise<string>((resolve) => {
      socket.onmessage = ({ data }) => {
        const { type, value } = JSON.parse(data);
        type === 'webrtc/answer' && resolve(value);
      };
    });
    socket.close();
    return answer;
  };

  for (const [title, negotiate] of [
    ['a client of WHEP', byWhep],
    ['a client of go2rtc', bySocket],
  ] as const) {
    it(`comes to ${title} whose offer asks for it`, async () => {
      const peer = new RTCPeerConnection();
      peer.addTransceiver('video', { direction: 'recvonly' });
      const { receiver } = peer.addTransceiver('audio', { direction: 'recvonly' });
      await peer.setLocalDescription();
      await until(() => peer.iceGatheringState === 'complete');
      await peer.setRemoteDescription({ type: 'answer', sdp: await negotiate(peer.localDescription?.sdp ?? '') });
      const other = await openMeter(receiver.track);
      await other.nextBeep();
      expect([...(await other.tones())]).to.deep.equal([1000]);
      await other.close();
      peer.close();
    });
  }

  it('leaves nothing of a slot that is no longer heard to the next element, over the WebSocket', async () => {
    const words: Listening[] = [];
    const other = new MultiStreamClient<SlotTrack>(
      device.url,
      { pcConfig: { iceServers: [] }, onListening: (word) => words.push(word) },
      openSocketMedia,
    );
    await other.connect([{ slot: 0, stream: 'opus' }]);
    const track = other.audioTrack as SlotSource;
    other.listen(0);
    const first = await openMeter(track);
    await first.nextBeep();
    await first.close();
    other.listen(null);
    await until(() => words.at(-1)?.slot === -1);
    const next = new Audio();
    track.attach(next);
    await oneEvent(next, 'loadedmetadata');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(next.buffered.length).to.equal(0);
    other.listen(0);
    await until(() => next.buffered.length > 0);
    track.detach(next);
    other.disconnect();
  });

  it('says that a camera sends none', async () => {
    const { code, error } = await listen(3);
    expect([code, error]).to.deep.equal(['no-audio', 'the camera sends no sound that can be used']);
  });

  it('is offered as the configuration says, and is that of a camera that FFmpeg reads too', async () => {
    await listen(0);
    await client.switchStream(0, 'unheard');
    const { code, error } = heard.at(-1) as Listening;
    expect([code, error]).to.deep.equal(['no-audio', 'the configuration leaves the sound out']);
    for (const [stream, codec] of [
      ['phone', 'PCMA'],
      ['read', 'OPUS'],
    ] as const) {
      await client.switchStream(0, stream);
      await until(() => heard.at(-1)?.codec === codec);
      await meter.nextBeep();
      expect([...(await meter.tones())]).to.deep.equal([1000]);
    }
  });

  it('ends and begins again with that of its camera, in another codec, without being asked for again', async function () {
    this.timeout(60_000);
    const words: Record<string, Listening[]> = { udp: [], socket: [] };
    const clients: { disconnect(): void }[] = [];
    const meters: Meter[] = [];
    for (const [way, media] of [['udp'], ['socket', openSocketMedia]] as const) {
      const other = new MultiStreamClient<SlotTrack>(
        device.url,
        { pcConfig: { iceServers: [] }, onListening: (word) => words[way]?.push(word) },
        media,
      );
      await other.connect([{ slot: 0, stream: 'changing' }]);
      other.listen(0);
      clients.push(other);
      meters.push(await openMeter(other.audioTrack as SlotTrack));
    }
    const told = (is: (word: Listening) => boolean) =>
      until(() => Object.values(words).every((all) => all.some((word, index) => index === all.length - 1 && is(word))));
    const hear = async (tone: number) => {
      for (const one of meters) {
        await one.nextBeep();
        expect([...(await one.tones())]).to.deep.equal([tone]);
      }
    };
    await told(({ codec }) => codec === 'OPUS');
    await hear(1400);
    await changing.stop();
    changing = await startCameras([changed({})], changing.port);
    await told(({ code }) => code === 'no-audio');
    expect(words.udp?.at(-1)?.error).to.equal('the camera sends no sound that can be used');
    await changing.stop();
    changing = await startCameras([changed({ sound: 'AAC', tone: 2200 })], changing.port);
    await told(({ codec }) => codec !== undefined);
    await hear(2200);
    expect([words.udp?.at(-1)?.codec, words.socket?.at(-1)?.codec]).to.deep.equal(['OPUS', 'AAC']);
    for (const one of meters) {
      await one.close();
    }
    for (const one of clients) {
      one.disconnect();
    }
  });
});

describe('the sound of tiles', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  let cameras: Cameras;
  let device: Device;
  /** Its cameras are the same; viewers reach it by ICE-TCP alone. */
  let tcpDevice: Device;
  let grid: MsGrid;
  const players = new Set<HTMLAudioElement>();
  const { play } = HTMLMediaElement.prototype;
  let stock: StockDevice | null = null;
  const events: MsSoundEvent[] = [];

  /** The tracks that the page plays aloud. */
  const playing = () =>
    [...players].filter(({ srcObject, currentSrc, paused }) => (srcObject || currentSrc) && !paused);
  const eventOf = (slot: MsSlot | undefined) => events.findLast(({ target }) => target === slot);
  const stateOf = (slot: MsSlot | undefined) => eventOf(slot)?.state;
  async function hears(slot: MsSlot | undefined, tones: number[]): Promise<void> {
    for (let isHeard = false; !isHeard; ) {
      await until(() => stateOf(slot) === 'heard' && playing().length === 1);
      const [player] = playing() as [HTMLAudioElement];
      const [track] = (player.srcObject as MediaStream | null)?.getAudioTracks() ?? [];
      const meter = await openMeter(track ?? player);
      // The browser's buffer still holds sound of the tile before it, which comes first. A session that is replaced takes its player along.
      while (!isHeard && playing()[0] === player) {
        isHeard = [...(await meter.tones())].join() === tones.join();
      }
      await meter.close();
    }
  }

  before(async () => {
    cameras = await startCameras(
      names.map((name, index) => ({
        ...{ name, color: [40, 40, 200] as const, ...common },
        // The last one sends none.
        ...(index < 5 && { sound: (['OPUS', 'PCMA'] as const)[index % 2] ?? 'OPUS', tone: 600 + 400 * index }),
      })),
    );
    const streams = Object.entries(cameras.urls).map(([name, url]) => `  ${name}: ${url}\n`);
    const start = (listen: string) =>
      startDevice(
        `api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: "${listen}"}\nstreams:\n${streams.join('')}`,
      );
    // A device that listens on TCP alone needs a port by its number.
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    [device, tcpDevice] = await Promise.all([start(':0'), start(`:${port}/tcp`)]);
  });

  async function open({ url }: Device): Promise<void> {
    grid = await fixture<MsGrid>(
      `<ms-grid device-url=${url} ice-servers="[]" controls>
        ${names.map((name, index) => `<ms-slot slot-index="${index}" stream=${name}></ms-slot>`).join('')}
      </ms-grid>`,
    );
    grid.addEventListener('ms-sound', (event) => events.push(event));
    await until(() => grid.slots.every(({ state }) => state === 'active'));
  }

  beforeEach(async () => {
    events.length = 0;
    players.clear();
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      if (this.localName === 'audio' && !this.muted) {
        players.add(this as HTMLAudioElement);
      }
      return play.call(this);
    };
    await open(device);
  });

  afterEach(() => {
    HTMLMediaElement.prototype.play = play;
    stock?.restore();
    stock = null;
    fixtureCleanup();
  });

  after(async () => {
    await device.stop();
    await tcpDevice.stop();
    await cameras.stop();
  });

  for (const [way, mode] of [
    ['UDP', 'multistream'],
    ['ICE-TCP', 'multistream'],
    ['the WebSocket', 'socket'],
  ] as const) {
    it(`is that of exactly one of six, after ten changes of mind and a switch of its stream, over ${way}`, async function () {
      // Four tiles are heard, one after the other, each for seconds.
      this.timeout(40_000);
      if (way === 'ICE-TCP') {
        fixtureCleanup();
        await open(tcpDevice);
      }
      grid.mode = mode;
      await until(() => grid.activeMode === mode && grid.slots.every(({ state }) => state === 'active'));
      const flags = () => grid.slots.map(({ sound }) => sound);
      for (const slot of [0, 3, 1, 4, 2, 0, 4, 3, 1, 2]) {
        grid.listen(slot);
        await new Promise(requestAnimationFrame);
      }
      await hears(grid.slots[2], [1400]);
      expect(flags()).to.deep.equal([false, false, true, false, false, false]);
      const videos = grid.slots.map(({ renderRoot }) => renderRoot.querySelector('video'));
      expect(videos.map((video) => video?.muted)).to.deep.equal(Array(6).fill(true));
      const tile = grid.slots[4] as MsSlot;
      tile.sound = true;
      await hears(tile, [2200]);
      expect(flags()).to.deep.equal([false, false, false, false, true, false]);
      const switched = oneEvent(tile, 'ms-switch');
      tile.stream = 'a';
      await switched;
      await until(() => eventOf(tile)?.codec === 'OPUS');
      await hears(tile, [600]);
      // The panel tells how loud it is: the camera's tone is 9 dB below full scale.
      tile.renderRoot.querySelector<HTMLElement>('.controls .stats')?.click();
      const row = () => /OPUS, \u2212(\d+) dB/.exec(tile.renderRoot.querySelector('[part=stats]')?.textContent ?? '');
      await until(() => Math.abs(Number(row()?.[1]) - 9) < 3);
      grid.listen(null);
      await until(() => playing().length === 0);
    });
  }

  it('goes along with the spotlight and with fullscreen where the grid says so', async () => {
    grid.setAttribute('sound', 'follow');
    const flags = () => grid.slots.map(({ sound }) => sound).join();
    for (const [tile, tone] of [
      [3, 1800],
      [0, 600],
    ] as const) {
      grid.spotlight(tile);
      await hears(grid.slots[tile], [tone]);
      expect(grid.slots.map(({ sound }) => sound).indexOf(true)).to.equal(tile);
    }
    grid.spotlight(null);
    await until(() => !flags().includes('true') && playing().length === 0);
    const large = grid.slots[1] as MsSlot;
    // By a click: a browser refuses fullscreen without one.
    large.addEventListener('click', () => large.requestFullscreen(), { once: true });
    const { x, y } = large.getBoundingClientRect();
    await sendMouse({ type: 'click', position: [Math.round(x) + 20, Math.round(y) + 20] });
    await hears(large, [1000]);
    expect(document.fullscreenElement).to.equal(large);
    await document.exitFullscreen();
    await until(() => !flags().includes('true') && playing().length === 0);
    grid.removeAttribute('sound');
    grid.spotlight(3);
    await nextFrame();
    expect(flags()).not.to.include('true');
  });

  it('says of a camera without sound that it has none, and is there again with the next stream', async () => {
    const slot = grid.slots[5] as MsSlot;
    slot.sound = true;
    await until(() => stateOf(slot) === 'silent');
    expect(eventOf(slot)?.code).to.equal('no-audio');
    await expect(grid).to.be.accessible();
    slot.stream = 'b';
    await hears(slot, [1000]);
  });

  for (const mode of ['multistream', 'socket', 'webrtc'] as const) {
    it(`goes on after a reconnection in mode ${mode}${mode === 'webrtc' ? ', of a device as go2rtc is' : ''}`, async function () {
      // Every tile connects twice, each on its own in mode `webrtc`.
      this.timeout(40_000);
      stock = mode === 'webrtc' ? forgetMultistream({ multistream: 'silent' }) : null;
      grid.mode = mode;
      await until(() => grid.activeMode === mode && grid.slots.every(({ state }) => state === 'active'));
      grid.listen(1);
      await hears(grid.slots[1], [1000]);
      // The camera's G.711 goes as it is, though the answer names other codecs before it; MediaSource takes none of it.
      expect(eventOf(grid.slots[1])?.codec).to.equal(mode === 'socket' ? 'OPUS' : 'PCMA');
      const [player] = playing();
      grid.connect();
      await until(() => playing().length === 1 && playing()[0] !== player);
      await hears(grid.slots[1], [1000]);
    });
  }

  it('waits for a click where the browser forbids it, and says so', async () => {
    let isForbidden = true;
    const count = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      const refused = this.localName === 'audio' && isForbidden;
      return refused ? Promise.reject(new DOMException('no gesture', 'NotAllowedError')) : count.call(this);
    };
    const rejections: unknown[] = [];
    const complain = (event: PromiseRejectionEvent) => rejections.push(event.reason);
    window.addEventListener('unhandledrejection', complain);
    const slot = grid.slots[0] as MsSlot;
    slot.sound = true;
    await until(() => stateOf(slot) === 'blocked');
    await slot.updateComplete;
    const words = slot.renderRoot.querySelector<HTMLElement>('button.reason');
    expect(words?.textContent).to.equal('Click to hear the sound');
    await expect(grid).to.be.accessible();
    isForbidden = false;
    words?.click();
    await hears(slot, [600]);
    window.removeEventListener('unhandledrejection', complain);
    expect(rejections).to.deep.equal([]);
    expect(slot.renderRoot.querySelector('button.reason')).to.equal(null);
  });
});
