/** A wall in the page, over a real device with real RTSP cameras; and what a viewer sees of it. */

import '../../src/define.ts';
import { fixtureCleanup } from '@open-wc/testing';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { absence } from '../../src/elements/portable-element.ts';
import { type Cameras, type Device, startCameras, startDevice } from '../support/device.ts';
import { averageColor, type Color, isColor } from '../support/picture.ts';

export const red: Color = [200, 40, 40];
export const blue: Color = [40, 40, 200];
export const green: Color = [40, 170, 40];
const cameras: Record<string, Color> = { red, blue, green };

/** How a wall's pictures come: over WebRTC, and over the WebSocket. What a viewer sees holds for both. */
const ways = ['multistream', 'socket'] as const;
export type Way = (typeof ways)[number];

/** Describes the same once for each way. The suite plays its walls in that mode. */
export function describeEachWay(title: string, suite: (way: Way) => void): void {
  for (const way of ways) {
    describe(`${title}, mode ${way}`, () => suite(way));
  }
}

export interface Installation {
  device: Device;
  cameras: Cameras;
  /** Starts the device again where it was, after it ended. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Three cameras, 640x360, a key frame every 2 s, each with a variant of 180 lines.
 * @param settings of the device's `multistream` section
 */
export async function install(settings = ''): Promise<Installation> {
  // Elements that a test removes let go a task later, so that the next test does not meet them.
  absence.limit = 0;
  const rtsp = await startCameras(
    Object.entries(cameras).map(([name, color]) => ({ name, color, width: 640, height: 360, rate: 25, gop: 50 })),
  );
  const streams = Object.keys(cameras).map(
    (name) => `  ${name}: ${rtsp.urls[name]}\n  ${name}-180p: ffmpeg:${name}#video=h264#height=180\n`,
  );
  const start = (port: string) =>
    startDevice(
      `api: {listen: "127.0.0.1:${port}", origin: "*"}\nwebrtc: {listen: ":0"}\n` +
        `multistream: {${settings}}\nstreams:\n${streams.join('')}`,
    );
  const installation: Installation = {
    device: await start('0'),
    cameras: rtsp,
    restart: async () => {
      installation.device = await start(new URL(installation.device.url).port);
    },
    stop: async () => {
      fixtureCleanup();
      await installation.device.stop();
      await rtsp.stop();
    },
  };
  return installation;
}

export function videoOf(slot: MsSlot): HTMLVideoElement | null {
  return slot.shadowRoot?.querySelector('video') ?? null;
}

/** The next frame that the tile presents. */
export async function nextFrame(slot: MsSlot): Promise<HTMLVideoElement> {
  for (;;) {
    const video = videoOf(slot);
    if (video === null) {
      await new Promise(requestAnimationFrame);
    } else if (await presentsFrame(video, () => videoOf(slot) !== video)) {
      return video;
    }
  }
}

/** False where the video is replaced first: a new session has a new one. */
function presentsFrame(video: HTMLVideoElement, isGone: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    let done = false;
    video.requestVideoFrameCallback(() => {
      done = true;
      resolve(true);
    });
    const look = () => {
      if (isGone()) {
        resolve(false);
      } else if (!done) {
        requestAnimationFrame(look);
      }
    };
    look();
  });
}

/** Waits for the frame that the condition is true of; mocha's timeout is the limit. */
export async function frameWhere(
  slot: MsSlot,
  condition: (video: HTMLVideoElement) => boolean,
): Promise<HTMLVideoElement> {
  for (;;) {
    const video = await nextFrame(slot);
    if (condition(video)) {
      return video;
    }
  }
}

export function frameOf(slot: MsSlot, color: Color): Promise<HTMLVideoElement> {
  return frameWhere(slot, (video) => isColor(video, color));
}

/** Which camera a frame is of; `black` for none, and otherwise the colour itself. */
export function cameraIn(video: HTMLVideoElement): string {
  // Held on to while it is looked at: the element goes on, and to a frame of another size perhaps.
  const frame = new VideoFrame(video);
  try {
    const name = Object.keys(cameras).find((camera) => isColor(frame, cameras[camera] as Color));
    const shown = averageColor(frame).map(Math.round);
    return name ?? (shown.every((channel) => channel < 24) ? 'black' : shown.join());
  } finally {
    frame.close();
  }
}

/** Waits until what the page says of itself is so. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise(requestAnimationFrame);
  }
}

export function slotsOf(grid: MsGrid): MsSlot[] {
  return Array.from(grid.querySelectorAll('ms-slot'));
}
