import type { TileState } from './tile-state.ts';

/** Every text that the elements themselves show. */
export interface Strings extends Record<TileState, string> {
  /** Added to the state of a tile whose picture is not of now. */
  stale: string;
  fullscreen: string;
  pip: string;
  snapshot: string;
  mute: string;
  quality: string;
  /** The quality that follows the size of the tile. */
  auto: string;
  /** The stream itself, in no other quality. */
  native: string;
  stats: string;
  resolution: string;
  frameRate: string;
  bitrate: string;
  loss: string;
  roundTrip: string;
  jitterBuffer: string;
  dropped: string;
  /** To the first frame and to the first live one. */
  lastSwitch: string;
}

/** Those that a tile cannot do without; the others come with what they name. */
export const english: Partial<Strings> = {
  pending: 'Waiting',
  connecting: 'Connecting',
  waiting: 'Reconnecting',
  active: 'Live',
  buffering: 'Loading',
  offline: 'Offline',
  error: 'Error',
  inactive: 'Empty',
  paused: 'Paused',
  stale: 'earlier picture',
};
