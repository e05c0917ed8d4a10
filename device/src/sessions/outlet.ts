/** The way to a viewer, as a session sees it: what it writes to, and what it hears back. */

import type { StreamFormat } from '../media/access-unit.ts';
import type { AudioCodec, AudioFormat, AudioUnit } from '../media/audio-unit.ts';

/** A coded picture, and when it is to be shown. */
export interface TimedPicture {
  /** Annex B. It is not changed any more: all viewers share it, and it may be sent again. */
  data: Buffer;
  /** RTP, 90 kHz. */
  timestamp: number;
  /** Whether a decoder can start here. An outlet that has dropped pictures goes on with such a one. */
  keyframe: boolean;
  /** The next one is a key frame, whenever that comes. */
  isLast?: boolean;
}

/** One slot writes to this. */
export interface Track {
  /** The m-line that carries the track; null where pictures travel over the WebSocket. */
  readonly mid: string | null;
  readonly isOpen: boolean;
  /** Whether the viewer can show this format. */
  takes(format: StreamFormat): boolean;
  /**
   * Whether a GOP of this size may be sent, which is then taken as spent.
   * @param cause a wish, or a viewer who lost what it had
   */
  affords(bytes: number, cause: 'wish' | 'repair'): boolean;
  /**
   * Sends a GOP, with which the track begins anew.
   * @param format one that it takes
   * @param isRepair whether the viewer had it before and lost it: `affords` was asked
   */
  replay(gop: readonly TimedPicture[], format: StreamFormat, isRepair: boolean): void;
  /** Sends the next picture of what was replayed, in the same format. It is not called before a replay. */
  live(picture: TimedPicture): void;
  /** Sends nothing more until the next replay. */
  rest(): void;
}

/** Carries the sound of a viewer, who hears one slot at a time. */
export interface SoundTrack {
  takes(codec: AudioCodec): boolean;
  /** Frames of another stream, or of another run of it, follow, or none. @param slot whose pictures they belong to; -1 for no slot's */
  restart(slot: number): void;
  /**
   * @param format one that it takes
   * @param pickedUp when the camera had picked up the last of the frame: milliseconds of `performance.now()`
   */
  send(unit: AudioUnit, format: AudioFormat, pickedUp: number): void;
}

/** A slot hears this of its track. */
export interface TrackEvents {
  /** The slot's number in the protocol. */
  readonly slot: number;
  /** From now on the track sends. */
  open(): void;
  /** The viewer lost the picture. */
  wantsKeyframe(): void;
}

/** Why a slot has no track: the offer has too few m-lines, this one has another transport, or no codec of ours. */
export type LineFault = 'no-line' | 'not-bundled' | 'codec-mismatch';

export interface Answer {
  /** Empty where nothing is negotiated. */
  sdp: string;
  /** One for each slot. */
  tracks: (Track | LineFault)[];
  /** Null where the viewer offers no m-line for it that can be used. */
  sound: SoundTrack | null;
}

/** How a track arrives. */
export interface LinkReport {
  /** Share of the track's packets that were lost since the last report, 0 to 1. */
  loss: number;
  /** To the viewer and back, in milliseconds; null if that is not known yet. */
  roundTrip: number | null;
}

export type OutletState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

export interface OutletEvents {
  candidate(candidate: string): void;
  state(state: OutletState): void;
  report(report: LinkReport): void;
  /** @param bitrate what the viewer takes its link for, in bits a second */
  estimate(bitrate: number): void;
}

/** One viewer's connection. */
export interface Outlet {
  /**
   * Gives each slot its track. Over WebRTC the slots get the offer's video m-lines in order, the sound its first audio
   * m-line; every other one is rejected.
   * @param offer SDP; empty over the WebSocket, where there is none
   * @throws {Error} for an offer that cannot be used
   */
  answer(offer: string, slots: readonly TrackEvents[]): Answer;
  /** Takes one of the viewer's candidates; one of no use is passed over. */
  addCandidate(candidate: string): void;
  /** @param rate at which GOPs are sent, in bits a second; infinite: at once */
  pace(rate: number): void;
  close(): void;
}

/** An outlet that sends one MP4 file has more to tell. */
export interface FileEvents {
  /** Is told the codecs before the init segment that they describe. */
  begin(codecs: string): void;
  /** The sound is another one than the init segment says, so that the client has to ask again. */
  changed(): void;
}

/** @param accept the codecs that the browser's MediaSource takes, for pictures over the WebSocket; null: over WebRTC */
export type OpenOutlet = (events: OutletEvents, accept: readonly string[] | null) => Outlet;
