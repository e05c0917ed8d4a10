import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDevice } from '../../device/test/support/processes.ts';

export interface DeviceOptions {
  /** As in the configuration file: a source, or an object with `source`. */
  streams: Record<string, unknown>;
  gopCache?: boolean;
  /** Keys of `multistream` and `webrtc` besides. */
  multistream?: Record<string, unknown>;
  webrtc?: Record<string, unknown>;
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
export async function openDevice({ streams, gopCache = true, multistream, webrtc }: DeviceOptions): Promise<Device> {
  const port = await freeUdpPort();
  // JSON is YAML.
  const config = {
    api: { listen: '127.0.0.1:0', origin: '*' },
    webrtc: { listen: `:${port}`, ...webrtc },
    multistream: { gop_cache: gopCache, ...multistream },
    streams,
  };
  const device = await startDevice(JSON.stringify(config), [], 'bin/multistream-device.js');
  const url = device.url.replace('localhost', '127.0.0.1');
  const preloaded = Object.keys(streams).filter((name) => (streams[name] as { preload?: boolean }).preload);
  await untilLive(url, preloaded);
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

/** Resolves when all of these streams are. */
export async function untilLive(url: string, names: readonly string[]): Promise<void> {
  for (;;) {
    const streams = (await (await fetch(`${url}/api/streams`)).json()) as Record<string, { state: string }>;
    if (names.every((name) => streams[name]?.state === 'live')) {
      return;
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
