import type { Logger } from 'pino';
import { Camera } from './cameras/camera.ts';
import type { Config } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { rootOf } from './config/variants.ts';
import { type RunningServer, startServer } from './http/server.ts';
import { ClientSession } from './sessions/client-session.ts';
import { holdPort, Peer, silenceLibrary } from './sessions/peer.ts';
import { StreamRegistry } from './streams/registry.ts';
import { Stream } from './streams/stream.ts';

/** The whole device: cameras, their streams, the sessions that show them, and the server where clients come in. */
export class Device {
  readonly url: string;
  readonly #server: RunningServer;
  readonly #streams: StreamRegistry;
  readonly #cameras: readonly Camera[];
  readonly #releasePort: () => void;

  private constructor(
    url: string,
    server: RunningServer,
    streams: StreamRegistry,
    cameras: Camera[],
    releasePort: () => void,
  ) {
    this.url = url;
    this.#server = server;
    this.#streams = streams;
    this.#cameras = cameras;
    this.#releasePort = releasePort;
  }

  /** @throws {ConfigError} when an address that the configuration names cannot be had */
  static async start(config: Config, log: Logger): Promise<Device> {
    silenceLibrary();
    const { cameras, streams } = compose(config, log);
    const { host, port } = config.webrtc.listen;
    const releasePort = port === 0 ? () => {} : take(config, 'webrtc', () => holdPort(host, port));
    const server = await startServer({
      config,
      streams,
      startConversation: (send, { address: clientAddress, source }) =>
        new ClientSession({
          source,
          streams,
          maxSlots: config.multistream.maxSlots,
          adaptive: config.multistream.adaptive,
          openPeer: (events) => new Peer({ ...config.webrtc, host, port, clientAddress, log }, events),
          send,
          log,
        }),
      log,
    }).catch((error) => {
      releasePort();
      throw unavailable(config, 'api', error);
    });
    return new Device(
      `http://${shownHost(config.api.listen.host)}:${server.port}/`,
      server,
      streams,
      cameras,
      releasePort,
    );
  }

  /** Clients first, then what they watch. Resolves when no process, socket or timer is left. */
  async close(): Promise<void> {
    await this.#server.close();
    this.#streams.close();
    await Promise.all(this.#cameras.map((camera) => camera.close()));
    this.#releasePort();
  }
}

/** Every source is a camera; every stream is one of its outputs. */
function compose(config: Config, log: Logger): { cameras: Camera[]; streams: StreamRegistry } {
  const byName = new Map(config.streams.map((stream) => [stream.name, stream]));
  const cameras = new Map<string, Camera>();
  for (const { name, input } of config.streams) {
    if (input.kind === 'source') {
      cameras.set(name, new Camera(name, input.source, { log }));
    }
  }
  const streams = config.streams.map((stream) => {
    const camera = cameras.get(rootOf(byName, stream).name) as Camera;
    return new Stream(stream.name, camera.output(stream.name, stream.output), {
      linger: 10_000,
      gop: config.multistream.gop,
    });
  });
  return { cameras: [...cameras.values()], streams: new StreamRegistry(streams) };
}

function take<T>(config: Config, section: 'api' | 'webrtc', open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw unavailable(config, section, error as Error);
  }
}

function unavailable(config: Config, section: 'api' | 'webrtc', error: NodeJS.ErrnoException): ConfigError {
  const { port } = config[section].listen;
  const taken = error.code === 'EADDRINUSE' || section === 'webrtc';
  const why = taken ? `port ${port} is in use` : error.message;
  return new ConfigError(
    'unavailable',
    config.where(section, 'listen'),
    `${section}.listen: ${why}; allowed: a free port, or 0 for any`,
  );
}

function shownHost(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::' || host === '127.0.0.1') {
    return 'localhost';
  }
  return host.includes(':') ? `[${host}]` : host;
}
