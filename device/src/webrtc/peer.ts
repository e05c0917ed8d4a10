/**
 * One WebRTC connection. This module alone knows libdatachannel. It guards each callback, since an exception in one would end
 * the process.
 */

import { randomUUID } from 'node:crypto';
import ndc from 'node-datachannel';
import type { Logger } from 'pino';
import type { IceServer } from '../../../src/protocol/messages.ts';
import { FeedbackBudget } from '../sessions/feedback-budget.ts';
import type { Answer, LineFault, Outlet, OutletEvents, OutletState, TrackEvents } from '../sessions/outlet.ts';
import { libraryFormat, libraryMid, type Source, writeAnswer, writeLibraryOffer } from './answer.ts';
import { AudioTrack } from './audio-track.ts';
import { ClientCandidates } from './client-candidate.ts';
import { ownCandidates, type Place, type Transports, toCandidates, toNativeServers } from './ice.ts';
import { isUsable, type OfferedLine, type OfferedVideo, readOffer, readTransport, type Transport } from './offer.ts';
import { Pacer } from './pacer.ts';
import { PeerTrack, type TrackOwner } from './peer-track.ts';
import type { RelayDoor } from './relay-door.ts';
import { type Feedback, readFeedback } from './rtcp.ts';
import { systemTime } from './rtp-sender.ts';
import { readSdp } from './sdp.ts';
import type { Admission, TcpDoor } from './tcp-door.ts';

export interface PeerOptions {
  iceServers: IceServer[];
  /** To be told beside the machine's own addresses. */
  candidates: Place[];
  /** The address to bind; undefined: all. */
  host: string | undefined;
  /** UDP, shared with the other peers; 0: a free one of its own. */
  port: number;
  /** Whether viewers are told of the UDP port. */
  udp?: boolean;
  /** For viewers without UDP; null where there is none. */
  tcp?: TcpDoor | null;
  /** For viewers behind certain TURN servers; null where there is none. */
  door?: RelayDoor | null;
  /** Where the browser's WebSocket comes from. */
  clientAddress: string | undefined;
  /** Is told once, after the last of our candidates. */
  gathered?: (() => void) | undefined;
  /** Is told of every picture that goes out. */
  sent?: (bytes: number) => void;
  log: Logger;
}

/** The time in which a packet is not sent again twice, in milliseconds: the round trip, within these bounds. */
const shortestRoundTrip = 10;
const longestRoundTrip = 500;
/** Before the first report. */
const usualRoundTrip = 50;

/** How long our candidates wait for the browser's, in milliseconds: see `#hold`. */
const holdTime = 100;

export class Peer implements Outlet {
  readonly #connection: ndc.PeerConnection;
  /**
   * The one track that the library has: all RTP of the connection goes through it, under SSRCs of ours, and all RTCP
   * comes out of it. With several, the library would take RTCP apart itself, and hang at a broken packet.
   */
  #channel: ndc.Track | null = null;
  readonly #tracks = new Map<number, PeerTrack>();
  readonly #clientAddress: string | undefined;
  readonly #events: OutletEvents;
  readonly #log: Logger;
  readonly #owner: TrackOwner;
  readonly #pacer = new Pacer();
  #roundTrip = usualRoundTrip;
  /** Null before there is an offer. */
  #clientCandidates: ClientCandidates | null = null;
  /**
   * Our candidates until the browser's first one is here; null from then on. A browser that knew ours earlier would
   * check first, and libjuice takes 50 ms to follow; so ours are the first checks, and the connection is there at once.
   */
  #held: string[] | null = [];
  #holding: NodeJS.Timeout | undefined;
  readonly #door: RelayDoor | null;
  #leaveDoor = () => {};
  readonly #gathered: () => void;
  /** Sources of candidates that have not told all of theirs: the library, and each configured place. */
  #gathering: number;
  readonly #tcp: TcpDoor | null;
  /** Null before there is an answer, and without a door. */
  #admission: Admission | null = null;
  /** Whether the library carries what is sent. Asking it for each picture would cost a call out of JavaScript. */
  #carries = false;
  #closed = false;

  constructor(options: PeerOptions, events: OutletEvents) {
    const { iceServers, candidates, host, port, udp = true, tcp = null, door = null } = options;
    const { clientAddress, gathered, sent = () => {}, log } = options;
    this.#clientAddress = clientAddress;
    this.#tcp = tcp;
    this.#door = door;
    this.#events = events;
    this.#log = log;
    this.#gathered = gathered ?? (() => {});
    this.#gathering = 1 + candidates.length;
    this.#connection = new ndc.PeerConnection('device', {
      iceServers: iceServers.flatMap(toNativeServers),
      ...(host === undefined ? {} : { bindAddress: host }),
      ...(port === 0 ? {} : { enableIceUdpMux: true, portRangeBegin: port, portRangeEnd: port }),
      disableAutoNegotiation: true,
    });
    this.#owner = {
      name: randomUUID().slice(0, 8),
      pacer: this.#pacer,
      budget: new FeedbackBudget(),
      isCongested: () => this.#isCongested(),
      isOpen: () => this.#carries,
      send: (packet) => this.#send(packet),
      sent,
    };
    this.#connection.onLocalCandidate((candidate) =>
      this.#guard(() => {
        const own = candidate.replace(/^a=/, '');
        if (udp) {
          this.#sendCandidate(own);
        }
        const besideIt = this.#door?.beside(own);
        if (besideIt) {
          this.#sendCandidate(besideIt);
        }
      }),
    );
    this.#connection.onStateChange((state) => this.#guard(() => events.state(state as OutletState)));
    this.#connection.onGatheringStateChange((state) => this.#guard(() => state === 'complete' && this.#told()));
    for (const candidate of tcp === null ? [] : ownCandidates(tcp.at)) {
      this.#sendCandidate(candidate);
    }
    for (const [index, place] of candidates.entries()) {
      void this.#tell(place, index, { udp, tcp: tcp !== null });
    }
    this.#pacer.isRead = () => this.#admission?.isUsed === true;
  }

  answer(offer: string, slots: readonly TrackEvents[]): Answer {
    const offered = readOffer(offer);
    const transport = this.#negotiate(offered.transport);
    this.#clientCandidates = new ClientCandidates({ address: this.#clientAddress, user: offered.transport.user });
    for (const candidate of offered.candidates) {
      this.addCandidate(`candidate:${candidate}`);
    }
    if (this.#held !== null) {
      this.#holding = setTimeout(() => this.#stopHolding(), holdTime);
    }
    const sources = new Map<string, Source | null>();
    const tracks = slots.map((events, index) => {
      const line = offered.videos[index];
      const track = this.#addTrack(line, events);
      if (line !== undefined && isUsable(line)) {
        sources.set(line.mid, typeof track === 'string' ? null : track.source);
      }
      return track;
    });
    const sound =
      offered.audio &&
      new AudioTrack(offered.audio, { ...this.#owner, hold: (slot, delay) => this.#hold(slot, delay) });
    if (offered.audio && sound) {
      sources.set(offered.audio.mid, sound.source);
    }
    if (this.#door !== null) {
      this.#leaveDoor = this.#door.admit(transport.user, transport.password);
    }
    this.#admission = this.#tcp?.admit({ ours: transport, theirs: offered.transport }) ?? null;
    return { sdp: writeAnswer(offered, transport, sources), tracks, sound };
  }

  /** With BUNDLE a candidate belongs to the connection, whatever m-line it names. */
  addCandidate(candidate: string): void {
    if (this.#closed || this.#clientCandidates === null) {
      return;
    }
    for (const known of this.#clientCandidates.take(candidate)) {
      try {
        this.#connection.addRemoteCandidate(known, libraryMid);
      } catch (error) {
        // One way less: the library cannot read it, or the connection has just ended.
        this.#log.debug({ candidate: known, error: (error as Error).message }, 'a candidate is not taken');
      }
      this.#stopHolding();
    }
  }

  pace(rate: number): void {
    this.#pacer.rate = rate;
  }

  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#carries = false;
      clearTimeout(this.#holding);
      this.#leaveDoor();
      this.#admission?.leave();
      this.#pacer.close();
      // The connection does not let its track go, and the track's callbacks would keep everything that is sent on it.
      this.#channel?.close();
      this.#connection.close();
    }
  }

  /** Lets the library answer an offer of one m-line. @returns our side of the transport */
  #negotiate(theirs: Transport): Transport {
    const video = new ndc.Video(libraryMid, 'SendOnly');
    video.addH264Codec(libraryFormat.payloadType, libraryFormat.parameters);
    const channel = this.#connection.addTrack(video);
    this.#channel = channel;
    channel.onOpen(() => this.#guard(() => this.#opened()));
    channel.onMessage((packet) => this.#guard(() => this.#receive(packet)));
    // Without a callback for its end the binding never lets a track go.
    channel.onClosed(() => {
      this.#carries = false;
    });
    this.#connection.setRemoteDescription(writeLibraryOffer(theirs), 'offer');
    this.#connection.setLocalDescription('answer');
    const { session, media } = readSdp(this.#connection.localDescription()?.sdp ?? '');
    return readTransport([...media, session]);
  }

  #addTrack(line: OfferedVideo | OfferedLine | undefined, events: TrackEvents): PeerTrack | LineFault {
    if (line === undefined) {
      return 'no-line';
    }
    if (!isUsable(line)) {
      return 'not-bundled';
    }
    if (line.formats.length === 0) {
      return 'codec-mismatch';
    }
    const track = new PeerTrack(line, events, this.#owner);
    this.#tracks.set(track.source.ssrc, track);
    return track;
  }

  #hold(slot: number, delay: number): void {
    for (const track of this.#tracks.values()) {
      if (track.events.slot === slot) {
        track.hold(delay);
      }
    }
  }

  #opened(): void {
    this.#carries = true;
    for (const { events } of this.#tracks.values()) {
      this.#guard(() => events.open());
    }
  }

  /** Guards itself, since a closure for each packet would cost more than the rest of it. */
  #send(packet: Buffer): void {
    try {
      this.#channel?.sendMessageBinary(packet);
    } catch (error) {
      // The library may close it some milliseconds before it says so.
      if (this.#channel?.isOpen() === true) {
        this.#log.error({ error: (error as Error).stack }, 'a packet could not be sent');
      }
    }
  }

  /** @param packet RTCP of the whole connection */
  #receive(packet: Buffer): void {
    for (const said of readFeedback(packet, systemTime())) {
      const track = said.type === 'estimate' ? null : this.#tracks.get(said.ssrc);
      // An SSRC that is not ours says nothing.
      if (track !== undefined) {
        this.#hear(said, track);
      }
    }
  }

  #hear(said: Feedback, track: PeerTrack | null): void {
    switch (said.type) {
      case 'report':
        this.#roundTrip = Math.min(Math.max(said.roundTrip ?? this.#roundTrip, shortestRoundTrip), longestRoundTrip);
        this.#events.report(said);
        break;
      case 'estimate':
        this.#events.estimate(said.bitrate);
        break;
      case 'missing':
        track?.resend(said.sequences, this.#roundTrip);
        break;
      case 'keyframe':
        track?.events.wantsKeyframe();
        break;
    }
  }

  /** Tells the browser where the configuration says that we are. */
  async #tell(place: Place, index: number, transports: Transports): Promise<void> {
    try {
      for (const candidate of await toCandidates(place, index, transports)) {
        this.#guard(() => this.#sendCandidate(candidate));
      }
    } catch (error) {
      this.#log.warn({ candidate: place.host, error: (error as Error).message }, 'candidate left out');
    }
    this.#guard(() => this.#told());
  }

  /** One of the sources has told all of its candidates. */
  #told(): void {
    this.#gathering--;
    if (this.#gathering === 0 && this.#held === null) {
      this.#gathered();
    }
  }

  /** Whether the path in use is a TCP connection that carries less than it is given. */
  #isCongested(): boolean {
    if (this.#admission?.isUsed !== true) {
      return false;
    }
    const congested = this.#admission.congested();
    // A browser may have connections besides the path that it uses.
    return congested.length > 0 && congested.includes(this.#connection.getSelectedCandidatePair()?.remote.port ?? 0);
  }

  #sendCandidate(candidate: string): void {
    if (this.#held === null) {
      this.#events.candidate(candidate);
    } else {
      this.#held.push(candidate);
    }
  }

  #stopHolding(): void {
    clearTimeout(this.#holding);
    if (this.#held === null) {
      return;
    }
    const held = this.#held;
    this.#held = null;
    for (const candidate of held) {
      this.#events.candidate(candidate);
    }
    if (this.#gathering === 0) {
      this.#gathered();
    }
  }

  #guard(callback: () => void): void {
    if (this.#closed) {
      return;
    }
    try {
      callback();
    } catch (error) {
      this.#log.error({ error: (error as Error).stack }, 'a callback of the peer failed');
    }
  }
}

/**
 * Takes the UDP port that all peers share, so that it is known at the start whether it is free, and stays ours.
 * @returns what gives it back
 * @throws {Error} when another program has it
 */
export function holdPort(host: string | undefined, port: number): () => void {
  const listener = new ndc.IceUdpMuxListener(port, host);
  return () => listener.stop();
}

/** libdatachannel's own log lines: what matters of them reaches us as errors and states. */
export function silenceLibrary(): void {
  ndc.initLogger('Fatal', () => {});
}
