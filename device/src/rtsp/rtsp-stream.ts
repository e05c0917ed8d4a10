import type { AccessUnit } from '../media/access-unit.ts';
import { createAudioDepacketizer } from '../media/audio-depacketizer.ts';
import type { AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import { RtpClock } from '../media/rtp-clock.ts';
import type { RtpPacket } from '../media/rtp-packet.ts';
import { PictureTooLargeError } from '../media/video-depacketizer.ts';
import { baseUri, controlUri, parseAddress, type RtspAddress, redirect } from './address.ts';
import { Authentication } from './authentication.ts';
import { costs, RtspConnection } from './connection.ts';
import { Keepalive } from './keepalive.ts';
import type { RtspResponse } from './message-reader.ts';
import { RtspError } from './rtsp-error.ts';
import { parseSdp } from './sdp.ts';
import { Track } from './track.ts';
import { aacLayout, type Chosen, type ChosenVideo, chooseAudio, chooseVideo, type VideoTrack } from './tracks.ts';
import { UdpPorts } from './udp-ports.ts';
import { VideoReader } from './video-reader.ts';

export interface RtspOptions {
  /** How the packets travel; by default in the RTSP connection itself. */
  readonly transport?: 'tcp' | 'udp';
  /**
   * Whether the sound's track is set up, too. It has to be from the start: cameras refuse another SETUP while they play
   * (RFC 2326 section 10.4). A camera that refuses it at the start is read without sound.
   */
  readonly audio?: boolean;
  /** Whether the certificate of an `rtsps://` camera must be valid; by default any will do. */
  readonly verifyCertificate?: boolean;
  /** For the connection to be made, and for each answer, in milliseconds. */
  readonly timeoutMs?: number;
  /**
   * Without a packet of video, before the camera counts as silent, in milliseconds. Once pictures come, their own pace
   * decides (`Patience`).
   */
  readonly silenceMs?: number;
  /** Bytes of a picture at the most. */
  readonly maxPictureBytes?: number;
}

export interface RtspEvents {
  /** The tracks that the camera announces. Called once, before the first unit. */
  tracks(video: VideoTrack, audio: AudioFormat | null): void;
  /** The camera refused to send the sound that `tracks` named; if it hung up, `closed` follows. */
  refusesSound?(error: RtspError): void;
  /** Packets of video come, and no key frame yet: told with the first packet, and then every second. */
  waits?(): void;
  /** A picture; the first one is a key frame. */
  unit(unit: AccessUnit): void;
  sound?(unit: AudioUnit): void;
  /** The camera cannot be read, or no longer. Told once, and nothing follows; not after `close`. */
  closed(error: RtspError): void;
}

/** A camera that is being read. */
export interface RtspStream {
  /** Whether sound is read, or dropped as it comes. It is read from the start. */
  listen(wanted: boolean): void;
  /** Says goodbye to the camera. Resolves when the connection is gone, after a moment at the latest. */
  close(): Promise<void>;
}

/**
 * Reads a camera over RTSP 1.0 (RFC 2326): one connection, from the first request until it breaks or is closed.
 * @param url `rtsp://user:password@host/path` or `rtsps://…`
 */
export function openRtsp(url: string, options: RtspOptions, events: RtspEvents): RtspStream {
  const reading = new Reading(options, events);
  void reading.run(url);
  return { listen: (wanted) => reading.listen(wanted), close: () => reading.close() };
}

class Reading {
  readonly #options: Required<Omit<RtspOptions, 'maxPictureBytes'>> & Pick<RtspOptions, 'maxPictureBytes'>;
  readonly #events: RtspEvents;
  readonly #opening = new AbortController();
  #connection: RtspConnection | null = null;
  readonly #tracks: Track[] = [];
  /** By the channel of the connection, over TCP. */
  readonly #channels = new Map<number, { track: Track; isRtcp: boolean }>();
  readonly #ports: UdpPorts[] = [];
  /** The control URI of all tracks together (RFC 2326 section C.1.1). */
  #uri = '';
  #sessionSeconds = defaultSessionSeconds;
  #video: VideoReader | null = null;
  #isPlaying = false;
  #reportedAt = 0;
  #tick: NodeJS.Timeout | undefined;
  #listens = true;
  #isOver = false;

  constructor(options: RtspOptions, events: RtspEvents) {
    this.#options = {
      transport: 'tcp',
      audio: false,
      verifyCertificate: false,
      timeoutMs: 5000,
      silenceMs: 5000,
      ...options,
    };
    this.#events = events;
  }

  async run(url: string): Promise<void> {
    try {
      await this.#open(url);
    } catch (error) {
      const isExpected = error instanceof RtspError;
      this.#fail(
        isExpected ? error : new RtspError('malformed', `the camera cannot be read: ${(error as Error).name}`),
      );
    }
  }

  listen(wanted: boolean): void {
    this.#listens = wanted;
  }

  async close(): Promise<void> {
    if (this.#isOver) {
      return;
    }
    this.#finish();
    const connection = this.#connection;
    if (connection !== null && connection.session !== null && connection.over === null) {
      const bye = connection.request('TEARDOWN', this.#uri).catch(() => {});
      let slow: NodeJS.Timeout | undefined;
      await Promise.race([bye, new Promise((resolve) => (slow = setTimeout(resolve, farewellMs)))]);
      clearTimeout(slow);
    }
    connection?.close();
  }

  async #open(url: string): Promise<void> {
    let address = parseAddress(url);
    for (let redirects = 0; ; redirects++) {
      const response = await this.#describe(address);
      if (response.status < 300) {
        await this.#setUp(address, response);
        return;
      }
      this.#connection?.close();
      const location = response.headers.get('location')?.[0];
      if (location === undefined || redirects === mostRedirects) {
        throw new RtspError('refused', `the camera redirects ${location === undefined ? 'to nowhere' : 'in a circle'}`);
      }
      address = redirect(address, location);
    }
  }

  async #describe(address: RtspAddress): Promise<RtspResponse> {
    const authentication = new Authentication(address.credentials);
    for (let tries = 0; ; tries++) {
      const connection = await this.#connect(address, authentication);
      try {
        return await connection.request('DESCRIBE', address.uri, { Accept: 'application/sdp' });
      } catch (error) {
        // Some cameras hang up after their challenge; the answer to it goes over a new connection.
        const hungUp = error instanceof RtspError && error.reason === 'closed' && authentication.isChallenged;
        connection.close();
        if (!hungUp || tries > 0 || this.#isOver) {
          throw error;
        }
      }
    }
  }

  async #connect(address: RtspAddress, authentication: Authentication): Promise<RtspConnection> {
    const connection = await RtspConnection.open(
      address,
      this.#options,
      authentication,
      {
        packet: (channel, data) => {
          const target = this.#channels.get(channel);
          if (target !== undefined) {
            this.#take(target.track, target.isRtcp, data);
          }
        },
        // While a request is under way, its failure tells.
        closed: (error) => this.#isPlaying && this.#fail(error),
      },
      this.#opening.signal,
    );
    this.#connection = connection;
    if (this.#isOver) {
      connection.close();
    }
    return connection;
  }

  async #setUp(address: RtspAddress, described: RtspResponse): Promise<void> {
    const { headers, body } = described;
    const sdp = parseSdp(body.toString('utf8'));
    const base = baseUri(address.uri, headers.get('content-base')?.[0] ?? headers.get('content-location')?.[0]);
    this.#uri = controlUri(base, sdp.control);
    const video = chooseVideo(sdp);
    const audio = this.#options.audio ? chooseAudio(sdp) : null;
    this.#events.tracks(video.track, audio?.track ?? null);
    await this.#setUpTrack(this.#addVideo(base, video));
    if (audio !== null) {
      await this.#setUpSound(this.#addSound(base, audio));
    }
    await this.#play(new Keepalive(headers.get('public')?.join(',') ?? '', now));
  }

  #addVideo(base: string, video: ChosenVideo): Track {
    const { silenceMs, maxPictureBytes } = this.#options;
    const reader = new VideoReader(video, {
      silenceMs,
      maxPictureBytes,
      now,
      wallClock: (timestamp) => track.reception.wallClock(timestamp),
      waits: () => this.#events.waits?.(),
      unit: (unit) => {
        this.#connection?.weigh(costs.unit);
        this.#tell(() => this.#events.unit(unit));
      },
    });
    this.#video = reader;
    const track = this.#addTrack(base, video, (packet) => reader.push(packet));
    return track;
  }

  #addSound(base: string, audio: Chosen<AudioFormat>): Track {
    const { clockRate } = audio.format;
    const clock = new RtpClock(clockRate, now);
    const sounds = createAudioDepacketizer(audio.track, aacLayout(audio.format));
    return this.#addTrack(base, audio, (packet) => {
      if (!this.#listens) {
        return;
      }
      for (const { rtpTimestamp, data } of sounds.push(packet)) {
        this.#connection?.weigh(costs.unit);
        const ticks = Math.round((clock.take(rtpTimestamp) * clockRate) / 1_000_000);
        this.#tell(() => this.#events.sound?.({ ticks, data }));
      }
    });
  }

  #addTrack(base: string, { media, format }: Chosen<unknown>, packet: (packet: RtpPacket) => void): Track {
    // A control is relative to the base, and not to the session's own control (RFC 2326 section C.1.1).
    const uri = controlUri(base, media.control);
    const track = new Track({ uri, media, format, isOrdered: this.#options.transport === 'tcp', now, packet });
    this.#tracks.push(track);
    return track;
  }

  async #setUpTrack(track: Track): Promise<void> {
    const connection = this.#connection as RtspConnection;
    const isUdp = this.#options.transport === 'udp';
    const index = this.#tracks.indexOf(track);
    const asked: [number, number] = [2 * index, 2 * index + 1];
    const ports = isUdp
      ? await UdpPorts.open(connection.remoteAddress, (isRtcp, data) => {
          connection.weigh(data.length + costs.packet);
          this.#take(track, isRtcp, data);
        })
      : null;
    if (ports !== null) {
      this.#ports.push(ports);
      // Closed meanwhile: it is not closed with the others any more.
      if (this.#isOver) {
        ports.close();
      }
    } else {
      this.#map(track, asked);
    }
    const response = await connection.request('SETUP', track.uri, {
      Transport:
        ports === null
          ? `RTP/AVP/TCP;unicast;interleaved=${asked[0]}-${asked[1]}`
          : `RTP/AVP;unicast;client_port=${ports.port}-${ports.port + 1}`,
    });
    this.#takeSession(response);
    const transport = response.headers.get('transport')?.[0] ?? '';
    const isInterleaved = /interleaved=|RTP\/AVP\/TCP/i.test(transport);
    if (transport !== '' && isInterleaved === isUdp) {
      throw new RtspError(
        'unsupported',
        isUdp
          ? 'the camera sends over TCP alone: leave #transport=udp out'
          : 'the camera sends over UDP alone: try #transport=udp',
      );
    }
    if (ports === null) {
      // A camera may choose other channels than those that were asked for.
      const given = pairOf(transport, 'interleaved') ?? asked;
      this.#map(track, given);
      track.sendRtcp = (data) => connection.send(given[1], data);
    } else {
      const source = /source=([^;,\s]+)/i.exec(transport)?.[1];
      ports.expect(
        [connection.remoteAddress, ...(source === undefined ? [] : [source])],
        pairOf(transport, 'server_port'),
      );
      track.sendRtcp = (data) => ports.sendRtcp(data);
    }
  }

  /** A camera whose sound cannot be had is still worth watching. */
  async #setUpSound(track: Track): Promise<void> {
    try {
      await this.#setUpTrack(track);
    } catch (error) {
      if (!(error instanceof RtspError)) {
        throw error;
      }
      this.#tell(() => this.#events.refusesSound?.(error));
      if (error.reason === 'closed' || error.reason === 'timeout') {
        throw error;
      }
      this.#tracks.splice(this.#tracks.indexOf(track), 1);
    }
  }

  #map(track: Track, [rtp, rtcp]: readonly [number, number]): void {
    for (const [channel, target] of this.#channels) {
      if (target.track === track) {
        this.#channels.delete(channel);
      }
    }
    this.#channels.set(rtp, { track, isRtcp: false }).set(rtcp, { track, isRtcp: true });
    this.#connection?.expect(rtp);
    this.#connection?.expect(rtcp);
  }

  #takeSession({ headers }: RtspResponse): void {
    const [, name, seconds] =
      /^\s*([^;\s]+)\s*(?:;.*?timeout\s*=\s*(\d+))?/i.exec(headers.get('session')?.[0] ?? '') ?? [];
    const connection = this.#connection as RtspConnection;
    connection.session = name?.slice(0, 200) ?? connection.session;
    this.#sessionSeconds = seconds === undefined ? this.#sessionSeconds : Number(seconds);
  }

  async #play(keepalive: Keepalive): Promise<void> {
    const connection = this.#connection as RtspConnection;
    this.#video?.expect();
    await connection.request('PLAY', this.#uri, { Range: 'npt=0.000-' });
    if (this.#isOver) {
      return;
    }
    if (connection.over !== null) {
      // It ended with the bytes that came behind the answer, when nothing was told of its end yet.
      throw connection.over;
    }
    this.#isPlaying = true;
    this.#video?.expect();
    this.#tick = setInterval(() => this.#onTick(keepalive), tickMs);
    // Asked after PLAY, so that pictures come one request sooner.
    await keepalive.learn(connection, this.#uri);
  }

  #onTick(keepalive: Keepalive): void {
    const video = this.#video as VideoReader;
    const silence = video.silenceMs;
    const hasLeft = this.#tracks.every(({ reception }) => reception.hasLeft);
    if (silence >= video.longestSilenceMs || (hasLeft && silence >= tickMs)) {
      // A device that stood still itself, as in a suspended machine, has yet to read what came meanwhile.
      setImmediate(() => video.silenceMs >= silence && this.#fail(this.#toSilence(video, hasLeft)));
      return;
    }
    if (now() - this.#reportedAt >= reportMs) {
      this.#reportedAt = now();
      for (const track of this.#tracks) {
        track.report();
      }
    }
    keepalive
      .ask(this.#connection as RtspConnection, this.#uri, this.#sessionSeconds)
      .catch((error: RtspError) => this.#fail(error));
  }

  #toSilence(video: VideoReader, hasLeft: boolean): RtspError {
    if (hasLeft) {
      return new RtspError('closed', 'the camera said goodbye');
    }
    const hint =
      this.#options.transport === 'udp' ? ' over UDP; if a firewall is between, leave #transport=udp out' : '';
    const what = video.hasBegun ? 'stopped sending' : 'answers, and sends no video';
    return new RtspError(
      'timeout',
      `the camera ${what}: nothing for ${Math.round(video.longestSilenceMs / 100) / 10} s${hint}`,
    );
  }

  #take(track: Track, isRtcp: boolean, data: Buffer): void {
    if (this.#isOver) {
      return;
    }
    try {
      track.take(data, isRtcp);
    } catch (error) {
      if (!(error instanceof PictureTooLargeError)) {
        throw error;
      }
      this.#fail(new RtspError('excessive', `the camera sends ${error.message}`, { cause: error }));
    }
  }

  #tell(tell: () => void): void {
    if (!this.#isOver) {
      tell();
    }
  }

  #fail(error: RtspError): void {
    if (!this.#isOver) {
      this.#finish();
      this.#connection?.close();
      this.#events.closed(error);
    }
  }

  #finish(): void {
    this.#isOver = true;
    this.#opening.abort();
    clearInterval(this.#tick);
    this.#video?.close();
    for (const ports of this.#ports) {
      ports.close();
    }
  }
}

/** Two numbers such as `interleaved=0-1`; the second is the next one where it is left out. */
function pairOf(transport: string, name: string): [number, number] | null {
  const [, first, second] = new RegExp(`${name}=(\\d{1,5})(?:-(\\d{1,5}))?`, 'i').exec(transport) ?? [];
  return first === undefined ? null : [Number(first), Number(second ?? Number(first) + 1)];
}

const now = () => performance.now();

const mostRedirects = 3;
/** RFC 2326 section 12.37. */
const defaultSessionSeconds = 60;
const tickMs = 1000;
/** RFC 3550 section 6.2 has five seconds between reports. */
const reportMs = 5000;
const farewellMs = 500;
