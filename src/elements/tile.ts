import type { DeviceConnection } from '../client/device-connection.ts';
import type { WallSettings } from './context.ts';
import type { TourTile } from './extras/tours.ts';
import type { Strings } from './strings.ts';
import type { TileState } from './tile-state.ts';

/** A tile at one moment: everything that its caption, controls and gestures need to know. */
export interface Tile {
  readonly state: TileState;
  /** The picture is of an earlier time. */
  readonly isStale: boolean;
  /** A name for the picture. */
  readonly label: string;
  /** The quality that the picture is in, in words; empty for none. */
  readonly quality: string;
  /** Why the tile is in its state, in its reader's language; empty where there is nothing to explain. */
  readonly reason: string;
  /** The wall explains the same, once for all of its tiles. */
  readonly isExplained: boolean;
  /** The page's wishes: the attributes of the same names. */
  readonly wish: { readonly stream: string; readonly quality: string; readonly label: string; readonly poster: string };
  /** The attribute `controls` of the tile or of its wall. */
  readonly controls: string | null;
  readonly strings: Partial<Strings>;
  readonly connection: DeviceConnection | null;
  readonly wall: WallSettings | null;
}

/** The part of a tile that the extras may use. */
export interface TileHost extends TourTile {
  /** The tile's number in its wall. */
  readonly place: number | undefined;
  slotIndex: number | undefined;
  quality: string;
  letGo(): void;
  readonly poster: string;
  readonly controls: string | null;
  streams: TourTile['streams'];
  dwell: number | undefined;
  sound: boolean;
  readonly volume: number;
  frames: boolean;
}
