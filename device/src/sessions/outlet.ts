/** The way to a viewer, as a session sees it: what it writes to, and what it hears back. */

import type { StreamFormat } from '../media/access-unit.ts';

/** A coded picture, and when it is to be shown. */
export interface TimedPicture {
  /** Annex B. */
  data: Buffer;
  /** RTP, 90 kHz. */
  timestamp: number;
}

/** One slot writes to this. */
export interface Track {
  readonly mid: string;
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
  /** Sends the next picture of what was replayed. @param format one that it takes */
  live(picture: TimedPicture, format: StreamFormat): void;
  /** Sends nothing more until the next replay. */
  rest(): void;
}

/** A slot hears this of its track. */
export interface TrackEvents {
  /** From now on the track sends. */
  open(): void;
  /** The viewer lost the picture. */
  wantsKeyframe(): void;
}

/** Why a slot has no track: the offer has too few m-lines, this one has another transport, or no codec of ours. */
export type LineFault = 'no-line' | 'not-bundled' | 'codec-mismatch';

export interface Answer {
  sdp: string;
  /** One for each slot. */
  tracks: (Track | LineFault)[];
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
   * Answers an offer: the slots get its video m-lines in order. Every other m-line is rejected.
   * @throws {Error} for an offer that cannot be used
   */
  answer(offer: string, slots: readonly TrackEvents[]): Answer;
  /** Takes one of the viewer's candidates; one of no use is passed over. */
  addCandidate(candidate: string): void;
  /** @param rate at which GOPs are sent, in bits a second; infinite: at once */
  pace(rate: number): void;
  close(): void;
}

export type OpenOutlet = (events: OutletEvents) => Outlet;
