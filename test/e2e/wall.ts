/** A wall in the page, over a real device with real RTSP cameras; and what a viewer sees of it. */

import '../../src/define.ts';
import { fixtureCleanup } from '@open-wc/testing';
import type { MsGrid } from '../../src/ms-grid.ts';
import type { MsSlot } from '../../src/ms-slot.ts';
import { type Cameras, type Device, startCameras, startDevice } from '../support/device.ts';
import { averageColor, type Color, isColor } from '../support/picture.ts';

export const red: Color = [200, 40, 40];
export const blue: Color = [40, 40, 200];
const green: Color = [40, 170, 40];
const cameras: Record<string, Color> = { red, blue, green };

export interface Installation {
  device: Device;
  cameras: Cameras;
  stop(): Promise<void>;
}

/** Three cameras, 640x360, a key frame every 2 s, each with a variant of 180 lines. */
export async function install(): Promise<Installation> {
  const rtsp = await startCameras(
    Object.entries(cameras).map(([name, color]) => ({ name, color, width: 640, height: 360, rate: 25, gop: 50 })),
  );
  const streams = Object.keys(cameras).map(
    (name) => `  ${name}: ${rtsp.urls[name]}\n  ${name}-180p: ffmpeg:${name}#video=h264#height=180\n`,
  );
  const device = await startDevice(
    `api: {listen: "127.0.0.1:0", origin: "*"}\nwebrtc: {listen: ":0"}\nstreams:\n${streams.join('')}`,
  );
  return {
    device,
    cameras: rtsp,
    stop: async () => {
      fixtureCleanup();
      await device.stop();
      await rtsp.stop();
    },
  };
}

export function videoOf(slot: MsSlot): HTMLVideoElement | null {
  return slot.shadowRoot?.querySelector('video') ?? null;
}

/** The next frame that the tile presents. */
export async function nextFrame(slot: MsSlot): Promise<HTMLVideoElement> {
  for (;;) {
    const video = videoOf(slot);
    if (video !== null) {
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      return video;
    }
    await new Promise(requestAnimationFrame);
  }
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
  const name = Object.keys(cameras).find((camera) => isColor(video, cameras[camera] as Color));
  const shown = averageColor(video).map(Math.round);
  return name ?? (shown.every((channel) => channel < 24) ? 'black' : shown.join());
}

/** Waits until what the page says of itself is so. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise(requestAnimationFrame);
  }
}

export function slotsOf(grid: MsGrid): MsSlot[] {
  return Array.from(grid.querySelectorAll('ms-slot'));
}
