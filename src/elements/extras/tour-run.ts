import type { DeviceConnection, Wish } from '../../client/device-connection.ts';
import type { TourCameras } from './tour-cameras.ts';
import type { TourOrder, TourStop } from './tour-order.ts';

/** A tile, as a run needs it. */
export interface RunTile extends Element {
  readonly stream: string;
  readonly quality: string;
  readonly state: string;
}

/** The device behind each tile, and the choice of its automatic quality. */
export type TileSources = WeakMap<
  Element,
  {
    readonly view: {
      readonly connection: DeviceConnection | null;
      readonly wish: Wish;
      readonly shown: Wish | null;
      readonly failure: { readonly reason: string } | null;
    };
    auto(): { qualityFor(stream: string, streamsUrl: string): Promise<string> } | undefined;
  }
>;

/** A run reads this of its tour, each time that it needs it. */
export interface RunningTour {
  readonly tiles: readonly RunTile[];
  /** The connection to the device of its tiles. */
  readonly connection: DeviceConnection | null;
  readonly order: TourOrder;
  /** How long (ms) a page is shown. */
  readonly dwell: number;
  /** Whether there are cameras that are not shown. */
  readonly moves: boolean;
}

/** How long (ms) before its turn a camera is started, and until when it shall play. */
const lead = 8000;
/** How long (ms) until the tiles that still waited for their pictures are looked at again; twice as long each time. */
const soon = 250;
/** How long (ms) at most between two looks at tiles for which a step waits. */
const latest = 1000;

/** Has the device start the cameras of a tour's next page before their turn, and says when that is. */
export class TourRun {
  readonly #tour: () => RunningTour;
  readonly #sources: TileSources;
  readonly #cameras: TourCameras;
  readonly #onTurn: () => void;
  /** The camera that is tried before the next step, since it was offline; null for none. */
  #tried: TourStop | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts the waits: one that comes to its end after a newer one has begun does nothing. */
  #run = 0;

  /** @param onTurn the next page's turn has come; where nothing can be shown, the present page's again */
  constructor(tour: () => RunningTour, sources: TileSources, cameras: TourCameras, onTurn: () => void) {
    this.#tour = tour;
    this.#sources = sources;
    this.#cameras = cameras;
    this.#onTurn = onTurn;
  }

  /** Another page is shown. */
  turned(): void {
    this.#tried = null;
  }

  /** Shows the present page for its whole time, from now. */
  start(): void {
    this.stop();
    this.#goThrough(this.#run);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#run += 1;
  }

  async #goThrough(run: number): Promise<void> {
    const { dwell } = this.#tour();
    const before = Math.min(lead, dwell);
    const half = before / 2;
    await this.#sleep(dwell - before);
    // A camera that starts slowly has its turn as well: the step waits for it, no longer than for as long again.
    let [left, more, isLate] = [before, before, false];
    for (let again = soon; left > 0; again *= 2) {
      const isWhole = !this.#tour().moves || (await this.#prepare(run));
      if (run !== this.#run) {
        return;
      }
      if (isLate && isWhole) {
        left = half;
      }
      // Once more after half of the time, when the device knows which of them are offline.
      const pause = isWhole ? left - (left > half ? half : 0) : Math.min(left, again);
      await this.#sleep(pause);
      left -= pause;
      if (left <= 0 && !isWhole) {
        isLate = true;
        left = Math.min(again, more, latest);
        more -= left;
      }
    }
    const { connection } = this.#tour();
    if (run === this.#run && connection?.state === 'open') {
      await this.#cameras.look(connection);
    }
    if (run === this.#run) {
      this.#onTurn();
    }
  }

  /** A wait that was given up has no end. */
  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timer = setTimeout(resolve, milliseconds);
    });
  }

  /**
   * Has the device start the next cameras, and let go of those that were shown before these. A tile that still shows a camera of the page
   * before gets none yet: at most two cameras a tile are open.
   * @returns whether all of the next ones were started
   */
  async #prepare(run: number): Promise<boolean> {
    const { connection, tiles, order } = this.#tour();
    if (connection?.state !== 'open' || tiles.length === 0) {
      return false;
    }
    await this.#cameras.look(connection);
    if (run !== this.#run) {
      return false;
    }
    const next = order.next(tiles.length);
    const started = next.slice(0, tiles.length - tiles.filter((tile) => this.#waits(tile)).length);
    // One camera that was offline before is tried as well, each in its turn.
    this.#tried ??= this.#cameras.longestOffline(order.passedOver(tiles.length));
    const stops = this.#tried && !next.includes(this.#tried) ? [...started, this.#tried] : started;
    const wishes = await Promise.all(
      stops.map(({ stream }, at) => this.#wishFor(tiles[at % tiles.length] as RunTile, stream)),
    );
    const shown = await Promise.all(tiles.map((tile) => this.#wishFor(tile, tile.stream)));
    if (run !== this.#run) {
      // The tour has gone on meanwhile.
      return false;
    }
    this.#cameras.prepare(connection, wishes, shown);
    return started.length === next.length;
  }

  /** Whether a tile does not show its camera yet, and will: until then the device may have the one before open for it. */
  #waits(tile: RunTile): boolean {
    const { wish, failure } = this.#sources.get(tile)?.view ?? {};
    const { state, stream } = tile;
    const isOnItsWay = state === 'buffering' || state === 'pending' || failure?.reason === 'timeout';
    return stream !== '' && (isOnItsWay || wish?.stream !== stream) && !this.#cameras.isOffline(stream);
  }

  /** The wish of a tile that shows this stream. */
  async #wishFor(tile: RunTile, stream: string): Promise<Wish> {
    const { quality } = tile;
    if (quality !== 'auto') {
      return { stream, quality };
    }
    const source = this.#sources.get(tile);
    const streams = source?.view.connection?.address('api/streams');
    return { stream, quality: (streams && (await source?.auto()?.qualityFor(stream, streams.href))) ?? '' };
  }
}
