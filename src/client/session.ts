import type { SlotStatus } from '../protocol/messages.ts';
import type { SwitchError } from './errors.ts';
import type { SlotTrack } from './media.ts';
import type { Listening, MultiStreamClientOptions } from './options.ts';
import type { RetryPolicy } from './retry.ts';

/** The stream that an observer wants to see. */
export interface Wish {
  readonly stream: string;
  readonly quality: string;
  /** The device keeps the slot and sends nothing. */
  readonly paused?: boolean;
  /** Key frames are enough while nothing moves, if the device can tell. */
  readonly calm?: boolean | undefined;
}

/** How long (ms) the tracks of a session go on while those of the session that replaces it load: these have frames by then, mostly. */
export const overlap = 500;

/** The state of a slot's sound, and the track that carries it. */
export interface Sound extends Partial<Listening> {
  readonly track?: SlotTrack | null;
}

/** Shows a slot: it has a wish, and is told what becomes of it. */
export interface SlotObserver {
  /** The slot's number at the device, if it is still free; else, and for undefined, the lowest free one. */
  readonly index: number | undefined;
  /** Another observer needs a slot, and there is none: releases its own, if the viewer does not see it, and returns true. */
  giveWay?(): boolean;
  /**
   * The same track as long as the session lives; in mode `webrtc` as long as the stream is the same. In mode `socket` it is a
   * `SlotSource`, which `attach` puts into a video.
   * @param goesOn the track before plays on for `overlap`
   */
  onTrack(track: SlotTrack, goesOn?: boolean): void;
  /** The track ends, though the connection stays open. Its last picture is worth keeping. */
  onTrackEnd?(): void;
  /** In mode `iframe`: the address of a page that shows the stream. */
  onPage?(url: string): void;
  /** The device's word. */
  onStatus(status: SlotStatus): void;
  /** It was asked to be heard, and this came of it; null: it is no longer heard. */
  onSound?(sound: Sound | null): void;
  /** The wish failed; what was shown before goes on. */
  onSwitchFailed(error: SwitchError): void;
}

export type Wishes = ReadonlyMap<SlotObserver, Wish>;

const modes = ['auto', 'multistream', 'socket', 'webrtc', 'iframe'] as const;
/** `auto` stands for the first of the others that the device can be played in. */
export type Mode = (typeof modes)[number];
/**
 * How a device is played: many streams over one connection, or over the WebSocket; a connection for each, or the device's own
 * pages.
 */
export type ActiveMode = Exclude<Mode, 'auto'>;

/** @throws {TypeError} whose message lists the modes that exist */
export function checkMode(mode: string): Mode {
  if (!modes.includes(mode as Mode)) {
    throw new TypeError(`mode is one of ${modes.join(', ')}, not "${mode}"`);
  }
  return mode as Mode;
}

/** Everything that a session needs to start. */
export interface SessionSetup {
  readonly url: string;
  /** How many slots the session has; slots without a wish are spare. */
  readonly size: number;
  /** Another session plays until this one does. */
  readonly replaces: boolean;
  readonly options: MultiStreamClientOptions;
  /** Delays between attempts that a session makes by itself. */
  readonly retry: RetryPolicy;
}

/** One life of the way to a device, in whichever mode. It ends by `close`, or by `options.onClosed`. */
export interface Session {
  /** How many slots were asked for; without bound where each stream has a connection of its own. */
  readonly size: number;
  /** Whether media flows at this moment; a lost path is first only suspected. */
  readonly isHealthy: boolean;
  /**
   * Resolves when the device plays, or has said of each stream why not, with the observers whose streams it has left out:
   * they get no slot in this session.
   * @param wishes what is wished for now: the map changes while the session starts
   * @throws {ConnectionError}
   */
  connect(wishes: Wishes): Promise<SlotObserver[]>;
  /** Tells the device the changes. Returns the observers without a slot: they need a larger session. */
  settle(wishes: Wishes): SlotObserver[];
  /** Has the device warm streams, and let go of others; absent where a device cannot. */
  prepare?(streams: readonly Wish[], left?: readonly Wish[]): void;
  /** Asks for a key frame: the picture stands still though the device calls it live. */
  refresh(observer: SlotObserver): void;
  /** Tells the device its wish anew, as if it had not been heard. */
  repeat(observer: SlotObserver): void;
  /** Lets the sound of one observer be heard, and none for null; absent where a session carries no sound. */
  listen?(observer: SlotObserver | null): void;
  /** Statistics of the track that `observer` shows; null while there is none. */
  getStats(observer: SlotObserver): Promise<RTCStatsReport | null>;
  /** @param replaced another session plays, which has told the observers whether the tracks of this one go on */
  close(replaced?: boolean): void;
}
