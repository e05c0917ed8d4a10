import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDevice } from '../../device/test/support/processes.ts';

export interface DeviceOptions {
  /** As in the configuration file: a source, or an object with `source`. */
  streams: Record<string, unknown>;
  gopCache?: boolean;
  /** Keys of `multistream` and `webrtc` besides. */
  multistream?: Record<string, unknown>;
  /** Another checkout of the repository, built; by default it is this one. */
  checkout?: string | undefined;
  webrtc?: Record<string, unknown>;
  /** The only one by which viewers get their pictures; by default they choose. */
  transport?: 'udp' | 'tcp';
}

export interface Device {
  /** `http://127.0.0.1:PORT` */
  url: string;
  pid: number;
  /** UDP, of all viewers. */
  port: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The device as its package has it, compiled: one UDP port for all viewers, and nothing else changed than a part asks for.
 * Streams with `preload` are live when this resolves.
 */
export async function openDevice(options: DeviceOptions): Promise<Device> {
  const { streams, gopCache = true, multistream, webrtc, transport, checkout = '.' } = options;
  const port = await freeUdpPort();
  // JSON is YAML.
  const config = {
    api: { listen: '127.0.0.1:0', origin: '*' },
    webrtc: { listen: `:${port}${transport === undefined ? '' : `/${transport}`}`, ...webrtc },
    multistream: { gop_cache: gopCache, ...multistream },
    streams,
  };
  // Older devices have no supervisor, and do not know the option against it.
  const isSupervised = existsSync(join(checkout, 'device/src/start.ts'));
  const command = [join(checkout, 'device/bin/multistream-device.js'), ...(isSupervised ? ['--no-restart'] : [])];
  const device = await startDevice(JSON.stringify(config), [], command);
  const url = device.url.replace('localhost', '127.0.0.1');
  const preloaded = Object.keys(streams).filter((name) => (streams[name] as { preload?: boolean }).preload);
  try {
    await untilLive(url, preloaded);
  } catch (error) {
    await device.stop();
    throw error;
  }
  return {
    url,
    pid: device.pid,
    port,
    [Symbol.asyncDispose]: async () => {
      await device.stop();
    },
  };
}

/** Every stream warm from the start on. */
export function warm(urls: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(urls).map(([name, source]) => [name, { source, preload: true }]));
}

export function untilLive(url: string, names: readonly string[]): Promise<void> {
  return until(url, names, 'live');
}

/** Milliseconds: dozens of cameras with a process each take their time. */
const patience = 60_000;

/** Resolves when all of these streams have that state: `idle` is one that has let its camera go. */
export async function until(url: string, names: readonly string[], state: 'live' | 'idle'): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const streams = (await (await fetch(`${url}/api/streams`)).json()) as Record<string, { state: string }>;
    if (names.every((name) => streams[name]?.state === state)) {
      return;
    }
    if (performance.now() > deadline) {
      const others = names.filter((name) => streams[name]?.state !== state);
      throw new Error(`after ${patience / 1000} s not ${state}: ${others.join(', ')}`);
    }
    await sleep(50);
  }
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
