import type { InitMessage, SlotStatus } from '../protocol/messages.ts';
import type { ConnectionError } from './errors.ts';

/** The pictures or the sound of a slot that come over the WebSocket, where no MediaStreamTrack carries them. */
export interface SlotSource {
  /** As `MediaStreamTrack.readyState`. */
  readonly readyState: 'live' | 'ended';
  /** Plays in this element from now on, and in no other: pictures in a video, sound in an audio. */
  attach(element: HTMLMediaElement): void;
  /** Takes it out of this element, if it is in it. */
  detach(element: HTMLMediaElement): void;
  /** The newest moments as a file of MP4; null while there are none, and absent where nothing asks for it. */
  recent?(): Blob | null;
}

export type SlotTrack = MediaStreamTrack | SlotSource;

/** How a session's pictures come: a peer connection, or the WebSocket itself. */
export interface Media<Track> {
  readonly state: RTCPeerConnectionState;
  /** Whether the device has named a way to itself. */
  readonly hasCandidate: boolean;
  /** The fields of `init` that ask for this way. */
  readonly terms?: Pick<InitMessage, 'transport' | 'accept'>;
  /** Empty where nothing is offered: the device then answers its own `ready`. @param servers replace those so far */
  offer(servers?: RTCIceServer[]): Promise<string>;
  /** The offer for a device that knows no sound. */
  silence?(sdp: string): Promise<string>;
  /** The code for such a device, once it is loaded; null for others. */
  readonly forks?: typeof import('./forks.ts') | null;
  /** The sound of the slot that the device was told to send; null where it sends none. */
  readonly audioTrack?: Track | null;
  sendCandidates(): void;
  addCandidate(candidate: string): Promise<void>;
  /** Takes the device's answer in and says which track is whose. */
  accept(sdp: string, statuses: readonly SlotStatus[]): Promise<Map<number, Track>>;
  /** A binary message. */
  receive?(message: ArrayBuffer): void;
  getStats(track: Track | null): Promise<RTCStatsReport>;
  close(): void;
}

export interface MediaEvents {
  /** A slot's pictures cannot go on without a key frame. Over WebRTC the browser asks for it by itself. */
  onStarved?(slot: number): void;
  onCandidate(candidate: string): void;
  /** Media can flow; also after a break that healed by itself. */
  onConnected(): void;
  /** Not called after `close()`. */
  onLost(error: ConnectionError): void;
}

export type OpenMedia<Track> = (slots: readonly number[], events: MediaEvents) => Media<Track>;
