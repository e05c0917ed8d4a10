import { expect, fixture, html } from '@open-wc/testing';
import type { MsSwitchEvent } from '../../src/elements/events.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { headerBytes } from '../../src/protocol/picture-message.ts';
import {
  blue,
  cameraIn,
  frameOf,
  green,
  type Installation,
  install,
  nextFrame,
  red,
  slotsOf,
  until,
  videoOf,
} from '../e2e/wall.ts';
import { clickAt, startCameras, startDevice } from '../support/device.ts';
import { isColor } from '../support/picture.ts';

/** Runs in each of the other engines, WebKit and Gecko, with pictures over the WebSocket. */
describe('a wall in another browser engine', () => {
  let installation: Installation;
  /** Seconds that the pictures' times are shifted by from now on. */
  let shift = 0;
  const RealSocket = globalThis.WebSocket;

  before(async function () {
    this.timeout(40_000);
    installation = await install();
    globalThis.WebSocket = class extends RealSocket {
      override set onmessage(receive: ((event: MessageEvent) => unknown) | null) {
        super.onmessage = receive && (({ data }) => receive({ data: shifted(data, shift) } as MessageEvent));
      }
    };
  });

  after(async () => {
    globalThis.WebSocket = RealSocket;
    await installation.stop();
  });

  afterEach(() => {
    shift = 0;
  });

  async function wall(...streams: string[]): Promise<{ grid: MsGrid; slots: MsSlot[] }> {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode="socket" controls columns="2" style="width: 800px">
        ${streams.map((stream, slot) => html`<ms-slot slot=${slot} stream=${stream} label="Door"></ms-slot>`)}
      </ms-grid>
    `);
    return { grid, slots: slotsOf(grid) };
  }

  const inTile = (slot: MsSlot, selector: string) => slot.renderRoot.querySelector<HTMLElement>(selector);

  it('plays in mode auto, though WebRTC is not there or has no decoder for H.264', async () => {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url}><ms-slot slot="0" stream="red"></ms-slot></ms-grid>
    `);
    const [slot] = slotsOf(grid);
    await until(() => grid.activeMode === 'socket' && slot?.state === 'active');
  });

  it('plays, tells its states, and lays its tiles out', async () => {
    const { grid, slots } = await wall('red', 'blue', 'nowhere');
    const [one, two, three] = slots as [MsSlot, MsSlot, MsSlot];
    await Promise.all([frameOf(one, red), frameOf(two, blue)]);
    await until(() => one.matches(':state(active)') && three.matches(':state(error)'));
    await until(() => three.reason.includes('nowhere'));
    expect(grid.activeMode).to.equal('socket');
    const [first, second, third] = slots.map((slot) => slot.getBoundingClientRect()) as [DOMRect, DOMRect, DOMRect];
    expect([first.top, first.left]).to.deep.equal([second.top, third.left]);
    expect(third.top).to.be.at.least(first.bottom);
    expect(second.left).to.be.at.least(first.right);
    expect(first.width / first.height).to.be.closeTo(16 / 9, 0.02);
    grid.columns = 3;
    await until(() => third.top > three.getBoundingClientRect().top);
  });

  it('switches without a frame of another camera or of none, and tells both of its times', async () => {
    const { slots } = await wall('red', 'blue');
    const [slot, other] = slots as [MsSlot, MsSlot];
    await Promise.all([frameOf(slot, red), frameOf(other, blue)]);
    for (const stream of ['blue', 'green', 'red', 'blue']) {
      const before = cameraIn(await nextFrame(slot));
      const done = new Promise<MsSwitchEvent>((resolve) => {
        slot.addEventListener('ms-switch', (event) => resolve(event as MsSwitchEvent), { once: true });
      });
      slot.stream = stream;
      const seen: string[] = [];
      do {
        const video = await nextFrame(slot);
        // While it seeks, a video in Firefox shows its last frame, yet gives it to no script.
        if (video.readyState >= video.HAVE_CURRENT_DATA) {
          seen.push(cameraIn(video));
        }
      } while (seen.at(-1) !== stream);
      expect(seen.filter((camera) => camera !== before && camera !== stream)).to.deep.equal([]);
      const { milliseconds, liveMilliseconds } = await done;
      expect(liveMilliseconds).to.be.at.least(milliseconds);
    }
  });

  it('plays on when the camera has sent nothing for a moment', async () => {
    const { slots } = await wall('red');
    const [slot] = slots as [MsSlot];
    await frameOf(slot, red);
    for (const gap of [0.1, 0.3, 1.2]) {
      shift += gap;
      for (let frames = 0; frames < 30; frames++) {
        await nextFrame(slot);
      }
    }
  });

  it('shows the last picture while its device starts again, and plays on', async () => {
    const { slots } = await wall('red', 'green');
    const [one, two] = slots as [MsSlot, MsSlot];
    await Promise.all([frameOf(one, red), frameOf(two, green)]);
    await installation.device.kill();
    await until(() => one.matches(':state(stale)'));
    expect(isColor(videoOf(one) as HTMLVideoElement, red)).to.equal(true);
    one.stream = 'blue';
    await installation.restart();
    await Promise.all([frameOf(one, blue), frameOf(two, green)]);
    await until(() => one.matches(':state(active)') && !one.matches(':state(stale)'));
  });

  it('measures, takes pictures and goes to fullscreen by its controls', async () => {
    const { slots } = await wall('red', 'blue');
    const [slot] = slots as [MsSlot];
    await frameOf(slot, red);
    const still = await createImageBitmap(await slot.snapshot());
    expect([still.width, still.height]).to.deep.equal([640, 360]);
    expect(isColor(still, red)).to.equal(true);
    await until(() => inTile(slot, '.controls .stats') !== null);
    inTile(slot, '.controls .stats')?.click();
    await until(() => inTile(slot, '[part=stats]')?.textContent?.includes('640 × 360') === true);
    await until(() => (inTile(slot, '.controls .quality')?.querySelectorAll('option').length ?? 0) > 2);
    await clickAt(inTile(slot, '.controls .fullscreen') as HTMLElement);
    await until(() => document.fullscreenElement === slot);
    await frameOf(slot, red);
    await document.exitFullscreen();
    await until(() => document.fullscreenElement === null);
  });

  it('plays H.265 as the camera sends it where the engine takes it, and else what the device makes of it', async function () {
    this.timeout(30_000);
    const color = [200, 180, 40] as const;
    const cameras = await startCameras([{ name: 'yellow', color, width: 640, height: 360, codec: 'H265' }]);
    const device = await startDevice(
      `api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: ":0"}\nstreams:\n  yellow: ${cameras.urls.yellow}\n  red: ${installation.cameras.urls.red}\n`,
    );
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${device.url} mode="socket"><ms-slot slot="0" stream="yellow"></ms-slot></ms-grid>
    `);
    const [slot] = slotsOf(grid) as [MsSlot];
    const codecs = new Set<string | undefined>();
    slot.addEventListener('ms-status', ({ status }) => status.status === 'active' && codecs.add(status.codec));
    await frameOf(slot, color);
    await until(() => codecs.size > 0);
    const { ManagedMediaSource: Source = MediaSource } = globalThis as { ManagedMediaSource?: typeof MediaSource };
    const takes = Source.isTypeSupported('video/mp4; codecs="hvc1.1.6.L153.B0"');
    expect([...codecs]).to.deep.equal([takes ? 'H265' : 'H264']);
    slot.stream = 'red';
    await frameOf(slot, red);
    slot.stream = 'yellow';
    await frameOf(slot, color);
    grid.remove();
    await device.stop();
    await cameras.stop();
  });

  it('speaks the language of its page, and can be read by everyone', async () => {
    const { grid, slots } = await wall('red', 'nowhere');
    const [one, two] = slots as [MsSlot, MsSlot];
    await frameOf(one, red);
    await until(() => two.state === 'error');
    await expect(grid).to.be.accessible();
    for (const [language, word] of Object.entries({ de: 'Vollbild', es: 'Pantalla completa', 'zh-CN': '全屏' })) {
      grid.lang = language;
      one.requestUpdate();
      await until(() => inTile(one, '.controls .fullscreen')?.ariaLabel === word);
    }
  });
});

/** A message of pictures as it would be of a camera that made a pause: its times are later. */
function shifted(message: unknown, seconds: number): unknown {
  if (seconds === 0 || !(message instanceof ArrayBuffer)) {
    return message;
  }
  const view = new DataView(message);
  const ticks = Math.round(seconds * 90_000);
  view.setUint32(4, view.getUint32(4) + ticks);
  const name = new TextDecoder('latin1').decode(message).indexOf('tfdt', headerBytes);
  if (name !== -1) {
    const time = name + 'tfdt'.length + 4;
    view.setBigUint64(time, view.getBigUint64(time) + BigInt(ticks));
  }
  return message;
}
