/** One WebRTC connection. With its tracks the only module that knows libdatachannel; every callback of it is guarded, since an exception in one ends the process. */

import ndc from 'node-datachannel';
import type { Logger } from 'pino';
import type { IceServer } from '../../../src/protocol/messages.ts';
import { resolveCandidate } from './client-candidate.ts';
import { type Place, toCandidates, toNativeServers } from './ice.ts';
import { acceptPlayoutDelay, type OfferedVideo, readOffer, withoutCandidates } from './offer.ts';
import { Pacer } from './pacer.ts';
import { addTrack, type PeerTrack, type TrackEvents, type TrackOwner } from './peer-track.ts';
import type { RelayDoor } from './relay-door.ts';

export interface PeerOptions {
  iceServers: IceServer[];
  /** To be told beside the machine's own addresses. */
  candidates: Place[];
  /** The address to bind; undefined: all. */
  host: string | undefined;
  /** UDP, shared with the other peers; 0: a free one of its own. */
  port: number;
  /** For viewers behind certain TURN servers; null where there is none. */
  door?: RelayDoor | null;
  /** Where the browser's WebSocket comes from. */
  clientAddress: string | undefined;
  /** Is told of every picture that goes out. */
  sent?: (bytes: number) => void;
  log: Logger;
}

export type PeerState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

export interface PeerEvents {
  candidate(candidate: string): void;
  state(state: PeerState): void;
}

/** How long our candidates wait for the browser's, in milliseconds: see `#hold`. */
const holdTime = 100;

export type OpenPeer = (events: PeerEvents) => Peer;

export class Peer {
  readonly #connection: ndc.PeerConnection;
  readonly #clientAddress: string | undefined;
  readonly #events: PeerEvents;
  readonly #log: Logger;
  readonly #owner: TrackOwner;
  readonly #pacer = new Pacer();
  /**
   * Our candidates until the browser's first one is here; null from then on. A browser that knew ours earlier would
   * check first, and libjuice takes 50 ms to follow; so ours are the first checks, and the connection is there at once.
   */
  #held: string[] | null = [];
  #holding: NodeJS.Timeout | undefined;
  readonly #door: RelayDoor | null;
  #leaveDoor = () => {};
  #closed = false;

  constructor(
    { iceServers, candidates, host, port, door = null, clientAddress, sent = () => {}, log }: PeerOptions,
    events: PeerEvents,
  ) {
    this.#clientAddress = clientAddress;
    this.#door = door;
    this.#events = events;
    this.#log = log;
    this.#connection = new ndc.PeerConnection('device', {
      iceServers: iceServers.flatMap(toNativeServers),
      ...(host === undefined ? {} : { bindAddress: host }),
      ...(port === 0 ? {} : { enableIceUdpMux: true, portRangeBegin: port, portRangeEnd: port }),
      disableAutoNegotiation: true,
    });
    this.#owner = {
      connection: this.#connection,
      guard: (callback) => this.#guard(callback),
      pacer: this.#pacer,
      sent,
    };
    this.#connection.onLocalCandidate((candidate) =>
      this.#guard(() => {
        const own = candidate.replace(/^a=/, '');
        this.#sendCandidate(own);
        const besideIt = this.#door?.beside(own);
        if (besideIt) {
          this.#sendCandidate(besideIt);
        }
      }),
    );
    this.#connection.onStateChange((state) => this.#guard(() => events.state(state as PeerState)));
    for (const [index, place] of candidates.entries()) {
      void this.#tell(place, index);
    }
  }

  /**
   * Answers an offer, a track for each of its video m-lines. An m-line whose entry is null gets none.
   * @throws {Error} for an offer that is no SDP, or that libdatachannel refuses
   */
  answer(
    offer: string,
    eventsOf: (index: number, offered: OfferedVideo) => TrackEvents | null,
  ): { sdp: string; tracks: (PeerTrack | null)[] } {
    const offered = readOffer(offer);
    const tracks = offered.map((video, index) => {
      const events = eventsOf(index, video);
      return video.formats.length === 0 || events === null ? null : addTrack(video, events, this.#owner);
    });
    this.#connection.setRemoteDescription(offer, 'offer');
    this.#connection.setLocalDescription('answer');
    if (/^a=candidate:/m.test(offer)) {
      this.#stopHolding();
    } else {
      this.#holding = setTimeout(() => this.#stopHolding(), holdTime);
    }
    const answer = this.#connection.localDescription()?.sdp ?? '';
    const [user, password] = [/^a=ice-ufrag:(.*?)\r?$/m.exec(answer)?.[1], /^a=ice-pwd:(.*?)\r?$/m.exec(answer)?.[1]];
    if (this.#door !== null && user !== undefined && password !== undefined) {
      this.#leaveDoor = this.#door.admit(user, password);
    }
    // A line without a track repeats what it was offered; said twice, Firefox refuses the whole answer.
    const filled = offered.filter((_, index) => tracks[index] !== null);
    return { sdp: acceptPlayoutDelay(withoutCandidates(answer), filled), tracks };
  }

  /** With BUNDLE a candidate belongs to the connection, whatever m-line it names. */
  addCandidate(candidate: string): void {
    if (this.#closed || candidate === '') {
      return;
    }
    for (const known of resolveCandidate(candidate, this.#clientAddress)) {
      try {
        this.#connection.addRemoteCandidate(known, '0');
      } catch (error) {
        this.#log.debug({ error: (error as Error).message }, 'candidate refused');
      }
    }
    this.#stopHolding();
  }

  /** @param rate at which GOPs are sent, in bits a second; infinite: at once */
  pace(rate: number): void {
    this.#pacer.rate = rate;
  }

  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      clearTimeout(this.#holding);
      this.#leaveDoor();
      this.#pacer.close();
      this.#connection.close();
    }
  }

  /** Where the configuration says that we are. */
  async #tell(place: Place, index: number): Promise<void> {
    try {
      for (const candidate of await toCandidates(place, index)) {
        this.#guard(() => this.#sendCandidate(candidate));
      }
    } catch (error) {
      this.#log.warn({ candidate: place.host, error: (error as Error).message }, 'candidate left out');
    }
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
    const held = this.#held ?? [];
    this.#held = null;
    for (const candidate of held) {
      this.#events.candidate(candidate);
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
