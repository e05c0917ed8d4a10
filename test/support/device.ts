/** Real processes for a browser test: the device, and RTSP cameras. What a test file leaves running ends with it. */

import { executeServerCommand } from '@web/test-runner-commands';
// Types only: that module itself runs in Node, behind the commands.
import type { CameraSettings, Exit } from '../../device/test/support/process-types.ts';

export type { CameraSettings, Exit };

export interface Device {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  /** SIGTERM; tells how it ended. */
  stop(): Promise<Exit>;
  /** SIGKILL, as a power cut would. */
  kill(): Promise<Exit>;
  /** SIGSTOP: it does nothing, and its sockets stay open. */
  halt(): Promise<void>;
  /** SIGCONT. */
  continue(): Promise<void>;
}

/** Starts the device. `api: {listen: "127.0.0.1:0"}` in the configuration lets the system choose the port. */
export async function startDevice(config: string): Promise<Device> {
  const { id, url } = await command<{ id: string; url: string }>('device:start', { config });
  return {
    url,
    stop: () => command('device:stop', { id }),
    kill: () => command('device:kill', { id }),
    halt: () => command('device:halt', { id }),
    continue: () => command('device:continue', { id }),
  };
}

export interface Cameras {
  /** `rtsp://127.0.0.1:PORT/NAME` by name. */
  urls: Record<string, string>;
  port: number;
  stop(): Promise<Exit>;
}

/** Starts RTSP cameras. A `port` other than 0 brings cameras back where they were. */
export async function startCameras(cameras: readonly CameraSettings[], port = 0): Promise<Cameras> {
  const { id, ...started } = await command<{ id: string; urls: Record<string, string>; port: number }>(
    'cameras:start',
    { cameras, port },
  );
  return { ...started, stop: () => command('cameras:stop', { id }) };
}

export interface MovingClip {
  /** The pictures in which a person-sized block moves: from one to before the other. */
  from: number;
  to: number;
  /** Pictures a second. */
  rate: number;
  seconds: number;
  /** Pictures from one key frame to the next. */
  gop: number;
  /** Milliseconds from the end of the camera's start to its first picture; by default the time between two. */
  startsAfter?: number;
}

/** Starts an RTSP camera that sends a clip again and again. Its pictures have their numbers in them. Ends with the test file. */
export async function startClip(clip: MovingClip): Promise<string> {
  const { url } = await command<{ url: string }>('clip:start', { ...clip, isNumbered: true });
  return url;
}

export interface Relay {
  /** On 127.0.0.1. */
  port: number;
  /** From now on every packet is lost, in both directions. */
  cut(): Promise<void>;
  /** From now on no media comes back; the connection itself goes on. */
  mute(): Promise<void>;
  /** The next packet with a parameter set is lost, where a picture begins with one. */
  loseParameterSet(): Promise<void>;
}

/** A UDP path that can be cut. Ends with the test file. */
export async function startRelay(host: string, port: number): Promise<Relay> {
  const relay = await command<{ id: string; port: number }>('relay:start', { host, port });
  return {
    port: relay.port,
    cut: () => command('relay:cut', { id: relay.id }),
    mute: () => command('relay:mute', { id: relay.id }),
    loseParameterSet: () => command('relay:lose-parameter-set', { id: relay.id }),
  };
}

/** Puts another tab before the page, which is hidden until the returned function is called. */
export async function hidePage(): Promise<() => Promise<void>> {
  const { id } = await command<{ id: string }>('page:hide', {});
  return () => command('page:show', { id });
}

/** Lets media features such as `prefers-color-scheme` match, until the returned function is called. */
export async function emulate(features: Record<string, string>): Promise<() => Promise<void>> {
  const list = Object.entries(features).map(([name, value]) => ({ name, value }));
  const { id } = await command<{ id: string }>('page:emulate', { features: list });
  return () => command('page:restore', { id });
}

/** Takes the page off the network for a time, and resolves when it is back. */
export function goOffline(milliseconds: number): Promise<void> {
  return command('page:offline', { milliseconds });
}

/** Clicks on an element as a hand would: fullscreen and the like are refused without one. For the engines beside Chromium. */
export function clickAt(element: Element): Promise<void> {
  const { x, y, width, height } = element.getBoundingClientRect();
  return command('page:click', { x: Math.round(x + width / 2), y: Math.round(y + height / 2) });
}

/** Collects the page's garbage: objects without a reference are gone afterwards. */
export function collectGarbage(): Promise<void> {
  return command('page:collect-garbage', {});
}

/** A finger on the page, by the window's coordinates. */
export interface Finger {
  readonly x: number;
  readonly y: number;
  readonly id: number;
}

/**
 * Touches the page, as a browser with a touchscreen hears of it.
 * @param steps where the fingers are, one after another; an empty step lifts them
 * @param pause (ms) after each step
 */
export function touch(steps: readonly (readonly Finger[])[], pause = 20): Promise<void> {
  return command('page:touch', { steps, pause });
}

/** A screenshot of this part of the page's window. */
export async function screenshot({ x, y, width, height }: DOMRect): Promise<ImageBitmap> {
  const png = await command<string>('page:picture', { clip: { x, y, width, height } });
  return createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
}

async function command<T>(name: string, payload: object): Promise<T> {
  const answer = await executeServerCommand<{ done: T } | { failed: string }, object>(name, payload);
  if ('failed' in answer) {
    throw new Error(answer.failed);
  }
  return answer.done;
}
