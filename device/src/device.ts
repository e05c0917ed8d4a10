import { networkInterfaces } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { Config } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { everyAddress } from './config/every-address.ts';
import type { MediaAddress } from './config/fields.ts';
import type { StartConversation } from './http/connection.ts';
import { Metrics } from './http/metrics.ts';
import { type RunningServer, startServer } from './http/server.ts';
import { SwitchTimer } from './http/switch-timer.ts';
import { Lineup } from './lineup.ts';
import type { Logs } from './log.ts';
import { ClientSession } from './sessions/client-session.ts';
import { SocketOutlet } from './socket/socket-outlet.ts';
import { Stills } from './streams/stills.ts';
import type { Heritage } from './supervisor.ts';
import type { Place } from './webrtc/ice.ts';
import { holdPort, Peer, silenceLibrary } from './webrtc/peer.ts';
import { needsDoor, RelayDoor } from './webrtc/relay-door.ts';
import { TcpDoor } from './webrtc/tcp-door.ts';

/** The whole device: cameras, their streams, the sessions that show them, and the server where clients come in. */
export class Device {
  readonly #logs: Logs;
  readonly #lineup: Lineup;
  readonly #metrics: Metrics;
  /** By a number of their own, in the order they came. */
  readonly #sessions = new Map<number, ClientSession>();
  readonly #stills = new Stills();
  #lastSession = 0;
  readonly #releasePort: () => void;
  #config: Config;
  #server: RunningServer | null = null;
  #door: RelayDoor | null = null;
  #tcp: TcpDoor | null = null;

  /**
   * @param heritage of a device that ended and had viewers, who will be back in a moment: their cameras open meanwhile
   * @throws {ConfigError} when an address that the configuration names cannot be had
   */
  static async start(config: Config, logs: Logs, heritage?: Promise<Heritage>): Promise<Device> {
    silenceLibrary();
    const device = new Device(config, logs);
    void heritage?.then(({ streams }) => device.#lineup.warm(streams));
    try {
      await device.#openDoors();
      await device.#listen();
    } catch (error) {
      await device.close();
      throw error instanceof ConfigError
        ? error
        : unavailable(config, 'api', (error as NodeJS.ErrnoException).code, (error as Error).message);
    }
    return device;
  }

  private constructor(config: Config, logs: Logs) {
    this.#config = config;
    this.#logs = logs;
    const { port } = config.webrtc.listen;
    const host = udpHost(config.webrtc.listen);
    try {
      this.#releasePort = port === 0 ? () => {} : holdPort(host, port);
    } catch (error) {
      // The library does not say why. For an address without a name of its own it can only be the port.
      const code = host === undefined || isOwnAddress(host) ? 'EADDRINUSE' : 'EADDRNOTAVAIL';
      throw unavailable(config, 'webrtc', code, (error as Error).message);
    }
    this.#lineup = new Lineup(config, logs.streams);
    this.#metrics = new Metrics({
      streams: this.#lineup.streams,
      cameras: () => this.#lineup.cameras,
      sessions: () => Array.from(this.#sessions, ([id, { slots, estimate }]) => ({ id: String(id), slots, estimate })),
    });
  }

  /** Where the API is, as a browser on this machine would open it. */
  get url(): string {
    const { tls, listen } = this.#config.api;
    return `${tls === undefined ? 'http' : 'https'}://${shownHost(listen.host)}:${this.#server?.port ?? listen.port}/`;
  }

  /** Another configuration from now on. Viewers of what it does not change notice nothing. */
  reconfigure(config: Config): void {
    const log = this.#logs.app;
    for (const key of needRestart(this.#config, config)) {
      log.warn({ key }, 'a change of this key counts from the next start on');
    }
    // The listening addresses are bound at the start and cannot change with a reload.
    this.#config = {
      ...config,
      api: { ...config.api, listen: this.#config.api.listen },
      webrtc: { ...config.webrtc, listen: this.#config.webrtc.listen },
    };
    const { added, changed, removed } = this.#lineup.apply(config);
    this.#server?.reconfigure(this.#config);
    void this.#openDoors();
    log.info({ added, changed, removed }, 'configuration applied');
  }

  /** The names of the streams that have viewers. */
  get watched(): string[] {
    return [...this.#lineup.streams].filter(({ readers }) => readers > 0).map(({ name }) => name);
  }

  /** How long the configuration lets viewers go elsewhere before the end, in milliseconds. */
  get drainTime(): number {
    return this.#config.multistream.drain;
  }

  /**
   * Takes no more sessions, and asks the present ones to go elsewhere. Resolves when they have, or when time is up.
   * @param longest milliseconds
   */
  async drain(longest: number): Promise<void> {
    this.#logs.app.info(
      { sessions: this.#sessions.size, longest },
      'draining: no new sessions, and the present ones are asked to move',
    );
    this.#server?.drain();
    const end = performance.now() + longest;
    while (this.#sessions.size > 0 && performance.now() < end) {
      await setTimeout(100);
    }
    this.#logs.app.info({ sessions: this.#sessions.size }, 'drained');
  }

  /** Clients first, then what they watch. Resolves when no process, socket or timer is left. */
  async close(): Promise<void> {
    await this.#server?.close();
    // Single streams go on without their sockets.
    for (const session of this.#sessions.values()) {
      session.close();
    }
    await this.#lineup.close();
    this.#door?.close();
    this.#tcp?.close();
    this.#releasePort();
  }

  async #openDoors(): Promise<void> {
    const { listen, iceServers } = this.#config.webrtc;
    if (listen.port === 0) {
      return;
    }
    const at = { host: listen.host ?? (await everyAddress()), port: listen.port };
    if (this.#tcp === null && listen.transport !== 'udp') {
      await this.#openTcp(at);
    }
    if (this.#door !== null || listen.transport === 'tcp' || !needsDoor(iceServers)) {
      return;
    }
    try {
      this.#door = await RelayDoor.open(at);
    } catch (error) {
      const what = 'the UDP port after webrtc.listen cannot be had; Chromium does not play over TURN by TCP without';
      this.#logs.webrtc.warn({ port: listen.port + 1, error: (error as Error).message }, what);
    }
  }

  async #openTcp(at: Place): Promise<void> {
    try {
      this.#tcp = await TcpDoor.open(at, { host: reachable(udpHost(this.#config.webrtc.listen)), port: at.port });
    } catch (error) {
      if (this.#config.webrtc.listen.transport === 'tcp') {
        const { code, message } = error as NodeJS.ErrnoException;
        throw unavailable(this.#config, 'webrtc', code, message);
      }
      const what = 'the TCP port of webrtc.listen cannot be had; viewers without UDP see nothing';
      this.#logs.webrtc.warn({ port: at.port, error: (error as Error).message }, what);
    }
  }

  async #listen(): Promise<void> {
    this.#server = await startServer({
      config: this.#config,
      streams: this.#lineup.streams,
      stills: this.#stills,
      startConversation: this.#converse,
      metrics: this.#metrics,
      log: this.#logs.api,
    });
  }

  readonly #converse: StartConversation = (send, { address, source, maySee, gathered }, channel) => {
    const { webrtc, multistream } = this.#config;
    const { port, transport } = webrtc.listen;
    const timer = new SwitchTimer((milliseconds) => this.#metrics.switched(milliseconds));
    const session = new ClientSession({
      source,
      streams: this.#lineup.streams.seenBy(maySee),
      maxSlots: multistream.maxSlots,
      iceServers: webrtc.iceServers,
      adaptive: multistream.adaptive,
      openOutlet: (events, accept) => {
        const sent = (bytes: number) => this.#metrics.sent(bytes);
        return accept === null || channel === undefined
          ? new Peer(
              {
                iceServers: webrtc.iceServers,
                candidates: webrtc.candidates,
                host: udpHost(webrtc.listen),
                port,
                udp: transport !== 'tcp',
                tcp: this.#tcp,
                door: this.#door,
                clientAddress: address,
                gathered,
                sent,
                log: this.#logs.webrtc,
              },
              events,
            )
          : new SocketOutlet({ channel, accept, sent }, events);
      },
      openFragments: (events, accept, plain) => {
        if (channel === undefined) {
          throw new Error('this client takes no pictures but over WebRTC');
        }
        return new SocketOutlet({ channel, accept, plain, sent: (bytes) => this.#metrics.sent(bytes) }, events);
      },
      takeStill: (stream) => this.#stills.take(stream, undefined),
      sendPicture: (jpeg) => {
        this.#metrics.sent(jpeg.length);
        channel?.send([jpeg]);
        return new Promise((resolve) => channel?.ping(resolve));
      },
      send: (message) => {
        timer.sent(message);
        send(message);
      },
      log: this.#logs.multistream,
    });
    const id = ++this.#lastSession;
    this.#sessions.set(id, session);
    return {
      receive: (message) => {
        timer.received(message);
        session.receive(message);
      },
      leave: (over) =>
        session.leave(() => {
          this.#sessions.delete(id);
          over();
        }),
      close: () => {
        this.#sessions.delete(id);
        session.close();
      },
    };
  };
}

/** The keys whose values are taken at the start. */
function needRestart(before: Config, after: Config): string[] {
  const keys: [key: string, of: (config: Config) => unknown][] = [
    ['api.listen', ({ api }) => api.listen],
    ['api.tls_cert', ({ api }) => api.tls === undefined],
    ['webrtc.listen', ({ webrtc }) => webrtc.listen],
    ['log', ({ log }) => log],
    ['watch', ({ watch }) => watch],
  ];
  return keys.filter(([, of]) => JSON.stringify(of(before)) !== JSON.stringify(of(after))).map(([key]) => key);
}

/** By the system's code: the fault of the address, and what is allowed instead. */
const addressErrors: Record<string, (port: number) => [why: string, allowed: string]> = {
  EADDRINUSE: (port) => [`port ${port} is in use`, 'a free port, or 0 for any'],
  EACCES: (port) => [`port ${port} needs more rights than this program has`, 'a port from 1024 on, or 0 for any'],
  EADDRNOTAVAIL: () => ['this machine does not have the address', 'an address of its own, or ":1984" for all of them'],
  ENOTFOUND: () => ['the name has no address', 'an address of this machine, or ":1984" for all of them'],
  EAFNOSUPPORT: () => ['this machine has no IPv6', 'an IPv4 address of its own, or ":1984" for all of them'],
};

function unavailable(config: Config, section: 'api' | 'webrtc', code = '', message = ''): ConfigError {
  const { port } = config[section].listen;
  const [why, allowed] = addressErrors[code]?.(port) ?? [message, 'an address and a port that can be had'];
  return new ConfigError(
    'unavailable',
    config.where(section, 'listen'),
    `${section}.listen: ${why}; allowed: ${allowed}`,
  );
}

/** Where the library takes UDP; undefined: at every address. Where viewers have TCP alone, the door is the only sender. */
function udpHost({ host, transport }: MediaAddress): string | undefined {
  return transport === 'tcp' ? '127.0.0.1' : host;
}

/** An address of this machine at which a socket that is bound to `host` can be reached from it. */
function reachable(host: string | undefined): string {
  return host === undefined || ['::', '0.0.0.0'].includes(host) ? '127.0.0.1' : host;
}

function isOwnAddress(host: string): boolean {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return ['localhost', '0.0.0.0', '::'].includes(host) || all.some(({ address }) => address === host);
}

function shownHost(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::' || host === '127.0.0.1') {
    return 'localhost';
  }
  return host.includes(':') ? `[${host}]` : host;
}
