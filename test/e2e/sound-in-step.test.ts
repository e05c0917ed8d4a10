import { expect } from '@open-wc/testing';
import { MultiStreamClient } from '../../src/client/index.ts';
import type { SlotTrack } from '../../src/client/media.ts';
import { openSocketMedia } from '../../src/client/socket-media.ts';
import { type CameraSettings, type Cameras, type Device, startCameras, startDevice } from '../support/device.ts';
import { frameNumber, framesBetween } from '../support/picture.ts';
import { type Meter, openMeter } from '../support/sound.ts';
import { until } from './wall.ts';

const ways = ['udp', 'tcp', 'socket'] as const;
type Way = (typeof ways)[number];

/** The cameras send these, and the device makes this of them over WebRTC and over the WebSocket. */
const table = [
  { sound: 'OPUS', title: 'Opus', webrtc: 'OPUS', socket: 'OPUS' },
  { sound: 'PCMA', title: 'G.711 A-law', webrtc: 'PCMA', socket: 'OPUS' },
  { sound: 'PCMU', title: 'G.711 µ-law', webrtc: 'PCMU', socket: 'OPUS' },
  { sound: 'G722', title: 'G.722', webrtc: 'G722', socket: 'OPUS' },
  { sound: 'AAC', title: 'AAC', webrtc: 'OPUS', socket: 'AAC' },
  { sound: 'L16', title: 'L16', webrtc: 'OPUS', socket: 'OPUS' },
  { sound: 'G726', title: 'G.726', webrtc: 'OPUS', socket: 'OPUS' },
  // The device's own RTSP client knows no MPEG audio.
  { sound: 'MP2', title: 'MPEG audio that FFmpeg reads', webrtc: 'OPUS', socket: 'OPUS' },
] as const;

/** Pictures a second. */
const rate = 30;
/** Milliseconds from beep to beep: whole pictures. */
const period = 500;
/** Milliseconds by which a beep may be off its picture. */
const bound = 80;

describe('picture and sound of a slot', () => {
  let cameras: Cameras;
  let devices: Record<'udp' | 'tcp', Device>;
  const closing: (() => unknown)[] = [];

  before(async () => {
    cameras = await startCameras(
      table.map(
        ({ sound }): CameraSettings => ({
          ...{ name: sound, sound, color: [40, 40, 200], width: 160, height: 90, rate, gop: 50, beeps: 2 },
        }),
      ),
    );
    const streams = Object.entries(cameras.urls).map(
      ([name, url]) => `  ${name}: ${name === 'MP2' ? 'ffmpeg:' : ''}${url}\n`,
    );
    const start = (listen: string) =>
      startDevice(
        `api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: "${listen}"}\nstreams:\n${streams.join('')}`,
      );
    // A device that listens on TCP alone needs a port by its number.
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const [udp, tcp] = await Promise.all([start(':0'), start(`:${port}/tcp`)]);
    devices = { udp, tcp };
  });

  afterEach(async () => {
    for (const close of closing.splice(0)) {
      await close();
    }
  });

  after(async () => {
    await devices.udp.stop();
    await devices.tcp.stop();
    await cameras.stop();
  });

  interface Played {
    client: MultiStreamClient<SlotTrack>;
    /** As the device says it. */
    codec(): string | undefined;
    meter: Meter;
    video: HTMLVideoElement;
  }

  /** Shows and plays the streams in slot 0, one after the other. */
  async function play(way: Way, [first = '', ...others]: readonly string[]): Promise<Played> {
    let codec: string | undefined;
    const client = new MultiStreamClient<SlotTrack>(
      devices[way === 'tcp' ? 'tcp' : 'udp'].url,
      {
        pcConfig: { iceServers: [] },
        onListening: (listening) => {
          codec = listening.codec;
        },
      },
      way === 'socket' ? openSocketMedia : undefined,
    );
    const video = document.createElement('video');
    let meter: Meter | null = null;
    closing.push(async () => {
      await meter?.close();
      client.disconnect();
      video.remove();
    });
    const tracks = await client.connect([{ slot: 0, stream: first }]);
    const track = tracks.get(0) as SlotTrack;
    video.muted = video.autoplay = true;
    if ('attach' in track) {
      document.body.append(video);
      track.attach(video);
    } else {
      video.srcObject = new MediaStream([track]);
    }
    client.listen(0);
    for (const stream of others) {
      await client.switchStream(0, stream);
    }
    await until(() => codec !== undefined);
    meter = await openMeter(client.audioTrack as SlotTrack);
    return { client, codec: () => codec, meter, video };
  }

  /** How long samples wait in the browser's buffer of sound, in milliseconds; null where it tells none. */
  async function buffered(client: MultiStreamClient<SlotTrack>): Promise<() => Promise<number | null>> {
    const look = async () => {
      const report = await client.getStats(client.audioTrack);
      return [...(report?.values() ?? [])].find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
    };
    let before = await look();
    return async () => {
      const now = await look();
      if (now === undefined || before === undefined) {
        before = now;
        return null;
      }
      const delay = now.jitterBufferDelay - before.jitterBufferDelay;
      const samples = now.jitterBufferEmittedCount - before.jitterBufferEmittedCount;
      before = now;
      return (1000 * delay) / Math.max(samples, 1);
    };
  }

  /** How long (ms) pictures take from the camera to the screen: of all that were shown in the last half second. */
  function watch(video: HTMLVideoElement): { lately(): number; stop(): void } {
    let delays: { at: number; delay: number }[] = [];
    let isOver = false;
    const look = (_now: number, { expectedDisplayTime }: VideoFrameCallbackMetadata) => {
      const shown = performance.timeOrigin + expectedDisplayTime;
      const number = frameNumber(video);
      if (number !== null) {
        const behind = framesBetween(number, Math.floor((shown * rate) / 1000) % 65_536);
        const age = ((shown * rate) / 1000) % 1;
        delays.push({ at: expectedDisplayTime, delay: ((behind + age) * 1000) / rate });
      }
      isOver || video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
    return {
      lately: () => {
        delays = delays.filter(({ at }) => at > performance.now() - period);
        return median(delays.map(({ delay }) => delay));
      },
      stop: () => {
        isOver = true;
      },
    };
  }

  /**
   * How much later (ms) beeps are heard than the pictures of the same moment are seen: the median of the last twenty, and all of them.
   * Twenty are enough on a quiet machine. On a busy one coders start slowly, and it takes more of the device's looks at how late the sound is.
   */
  async function measure({ client, meter, video }: Played): Promise<{ median: number; offsets: number[] }> {
    const offsets: number[] = [];
    const pictures = watch(video);
    const held = await buffered(client);
    const last = () => median(offsets.slice(-20));
    while (offsets.length < 20 || (Math.abs(last()) > bound && offsets.length < 60)) {
      const beep = await meter.nextBeep();
      // The device holds pictures back by what Chromium keeps sound on a quiet machine. On a busy one it keeps it longer.
      const late = Math.max(0, ((await held()) ?? quietBuffer) - quietBuffer);
      // The camera beeps as its clock begins a period, and the picture of that moment is white.
      const passed = (performance.timeOrigin + beep - late - pictures.lately()) % period;
      if (!Number.isNaN(passed)) {
        offsets.push(Math.round(passed > period / 2 ? passed - period : passed));
      }
    }
    pictures.stop();
    return { median: last(), offsets };
  }

  const quietBuffer = 40;

  for (const [index, { sound, title, ...expected }] of table.entries()) {
    // Each codec comes both at once and after switches, and so does each way.
    const plays = ways.map((way, nth) => ({ way, switches: (index + nth) % 2 === 0 ? 0 : 10 }));
    const how = plays.map(({ way, switches }) => `${way}${switches > 0 ? ` after ${switches} switches` : ''}`);
    it(`are in step: ${title}, ${how.join(', ')}`, async function () {
      this.timeout(90_000);
      const other = table[(index + 1) % table.length]?.sound as string;
      const played = await Promise.all(
        plays.map(({ way, switches }) => {
          const before = [...Array(switches).keys()].map((nth) => (nth % 2 === 0 ? sound : other));
          return play(way, [...before, sound]);
        }),
      );
      const measured = await Promise.all(played.map(measure));
      const told = JSON.stringify(measured);
      for (const [nth, { way }] of plays.entries()) {
        expect(played[nth]?.codec()).to.equal(way === 'socket' ? expected.socket : expected.webrtc);
        expect(measured[nth]?.median, told).to.be.within(-bound, bound);
      }
    });
  }
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
