import type { TileState } from './tile-state.ts';

/** Every text that the elements themselves show. */
export interface Strings extends Record<TileState, string> {
  /** Added to the state of a tile whose picture is not of now. */
  stale: string;
}

export const english: Strings = {
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
