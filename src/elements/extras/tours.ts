import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { DeviceConnection, Wish } from '../../client/device-connection.ts';
import type { Wall, WallSettings } from '../context.ts';
import type { Strings } from '../strings.ts';
import { tourStyles } from './tour.styles.ts';
import { TourBar } from './tour-bar.ts';
import { TourCameras } from './tour-cameras.ts';
import { TourHold } from './tour-hold.ts';
import { type Direction, place, TourOrder, type TourPlan, type TourStop } from './tour-order.ts';

export type { TourPlan, TourStop } from './tour-order.ts';

/**
 * `held`: a pointer or the keyboard's focus is on the pictures, one of them takes the whole screen, or they are out of sight; the tour
 * runs again by itself. `paused`: it stays until `play`. `ended`: it is over for good.
 */
export type TourState = 'running' | 'held' | 'paused' | 'ended';

/** A tour began, showed its next cameras, or changed its plan or its state. */
export class MsTourEvent extends Event {
  readonly tour: Tour;
  readonly state: TourState;
  /** The cameras that are asked for now, in the order of the list. */
  readonly streams: readonly string[];

  constructor(tour: Tour) {
    super('ms-tour', { bubbles: true, composed: true });
    this.tour = tour;
    this.state = tour.state;
    this.streams = tour.streams;
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'ms-tour': MsTourEvent;
  }
}

/** A grid or a tile that has a tour. */
export interface TourHost extends HTMLElement, ReactiveControllerHost {
  activeTour: Tour | undefined;
  addStyles(css: string): void;
}

/** A tile that a tour goes through. */
export interface TourTile extends TourHost {
  stream: string;
  label: string;
  readonly quality: string;
  readonly state: string;
  readonly deviceUrl: string | undefined;
  readonly streams: string | TourPlan['streams'] | undefined;
  readonly dwell: number | undefined;
  readonly wall: Wall | null;
}

/** A wall, as a tour needs it. */
export interface TouredWall extends TourHost {
  readonly slots: readonly TourTile[];
  readonly strings: WallSettings['strings'];
}

/** The code of the extras that tours use: this file imports none that others have as well. */
export interface ForTours {
  /** The device behind each tile, and the choice of its automatic quality. */
  readonly sources: WeakMap<
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
  stringsFor(element: HTMLElement): Partial<Strings>;
}

/** The differences between the tour of a tile and that of a wall. */
interface Scope {
  readonly host: TourHost;
  tiles(): readonly TourTile[];
  /** The page's own texts. */
  strings(): WallSettings['strings'] | undefined;
  /** Whether a camera without a label takes away the label of its tile. */
  readonly ownsLabels: boolean;
}

/** How long (ms) before its turn a camera is started, and until when it shall play. */
const lead = 8000;
/** How long (ms) until the tiles that still waited for their pictures are looked at again; twice as long each time. */
const soon = 250;
/** How long (ms) at most between two looks at tiles for which a step waits. */
const latest = 1000;

/**
 * Takes the cameras of a list through one tile or through all tiles of a wall. The tour has the next ones started before their turn, and
 * a tile keeps its picture until the next one is there. Cameras that are offline are passed over, and tried again in the next round.
 */
export class Tour implements ReactiveController {
  /** The controls. */
  readonly element: HTMLElement;
  readonly #host: TourHost;
  readonly #scope: Scope;
  readonly #tools: ForTours;
  readonly #bar: TourBar;
  readonly #hold: TourHold;
  readonly #cameras = new TourCameras();
  #plan: TourPlan;
  #order: TourOrder;
  /** The camera that is tried before the next step, since it was offline; null for none. */
  #tried: TourStop | null = null;
  #isPaused = false;
  #isEnded = false;
  /** The streams that the tiles had before the tour. */
  readonly #before = new WeakMap<TourTile, string>();
  /** The state that was told last. */
  #told: TourState = 'running';
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts the waits: one that comes to its end after a newer one has begun does nothing. */
  #run = 0;

  constructor(scope: Scope, plan: TourPlan, tools: ForTours) {
    const { host } = scope;
    this.#host = host;
    this.#scope = scope;
    this.#tools = tools;
    this.#plan = plan;
    this.#order = this.#orderOf(plan);
    this.#bar = new TourBar(host.ownerDocument, {
      previous: () => this.previous(),
      toggle: () => (this.#isPaused ? this.play() : this.pause()),
      next: () => this.next(),
    });
    this.element = this.#bar.element;
    this.#hold = new TourHold(host, this.element, () => this.#review());
    host.addStyles(tourStyles);
    this.#begin();
    host.addController(this);
  }

  get plan(): TourPlan {
    return this.#plan;
  }

  get state(): TourState {
    if (this.#isEnded) {
      return 'ended';
    }
    if (this.#isPaused) {
      return 'paused';
    }
    return this.#hold.isHeld ? 'held' : 'running';
  }

  /** The cameras that are asked for now, in the order of the list. */
  get streams(): readonly string[] {
    return this.#order.page.map(({ stream }) => stream);
  }

  /**
   * The stream that a tile had before the tour; undefined if it takes no part.
   * @internal
   */
  streamBefore(tile: TourTile): string | undefined {
    return this.#before.get(tile);
  }

  /** Stays where it is until `play`. */
  pause(): void {
    this.#isPaused = true;
    this.#review();
  }

  /** Goes on after `pause`. */
  play(): void {
    this.#isPaused = false;
    this.#review();
  }

  /** Shows the next cameras now. A tour that is paused stays so. */
  next(): void {
    this.#step(1);
  }

  /** Shows the cameras before these now. */
  previous(): void {
    this.#step(-1);
  }

  /** Ends the tour. The tiles keep what they show. */
  end(): void {
    if (!this.#isEnded) {
      this.#isEnded = true;
      this.#leaveAllBut(this.#scope.tiles().map(({ stream }) => stream));
      this.hostDisconnected();
      this.#host.removeController(this);
      this.element.remove();
      this.#host.activeTour = undefined;
      this.#host.requestUpdate();
      this.#tell();
    }
  }

  /** Goes on with another list or pace. The same plan as before changes nothing. */
  follow(plan: TourPlan): void {
    if (JSON.stringify(plan) !== JSON.stringify(this.#plan)) {
      this.#plan = plan;
      this.#order = this.#orderOf(plan);
      this.#begin();
      this.#tell();
      this.#wait();
    }
  }

  hostConnected(): void {
    this.#hold.start();
    this.#wait();
  }

  hostDisconnected(): void {
    this.#hold.stop();
    this.#stopWaiting();
  }

  hostUpdated(): void {
    this.element.hidden = !this.#moves;
    this.#bar.update(
      { ...this.#tools.stringsFor(this.#host), ...this.#scope.strings() },
      { isPaused: this.#isPaused, position: this.#order.position },
    );
  }

  /** Whether there are cameras that are not shown. */
  get #moves(): boolean {
    return this.#order.exceeds(this.#scope.tiles().length);
  }

  get #connection(): DeviceConnection | null {
    const [tile] = this.#scope.tiles();
    return (tile && this.#tools.sources.get(tile)?.view.connection) ?? null;
  }

  get #dwell(): number {
    const { dwell } = this.#plan;
    return 1000 * (dwell !== undefined && dwell > 0 ? Math.min(Math.max(dwell, 1), 86_400) : 10);
  }

  #orderOf(plan: TourPlan): TourOrder {
    return new TourOrder(plan, (stream) => this.#cameras.isOffline(stream));
  }

  /** Shows the page that begins with the camera that is shown now, if the plan has it. */
  #begin(): void {
    const tiles = this.#scope.tiles();
    this.#order.begin(tiles[0]?.stream, tiles.length);
    this.#show();
  }

  #step(direction: Direction): void {
    if (!this.#isEnded && this.#moves) {
      this.#order.turn(direction, this.#scope.tiles().length);
      this.#show();
      this.#tell();
      this.#wait();
    }
  }

  /** Gives the cameras of the page to the tiles. */
  #show(): void {
    this.#tried = null;
    const tiles = this.#scope.tiles();
    const placed = place(
      this.#order.page,
      tiles.map(({ stream }) => stream),
    );
    const views = tiles.map((tile) => this.#tools.sources.get(tile)?.view);
    for (const view of views) {
      this.#cameras.note(view?.wish ?? { stream: '', quality: '' });
    }
    // Told before the tiles wish for theirs: a tile has two cameras at the most, that on the screen and the one that replaces it.
    const onScreen = new Set(views.map((view) => view?.shown?.stream));
    const next = this.#order.next(tiles.length).filter(({ stream }) => onScreen.has(stream));
    this.#leaveAllBut([...this.streams, ...next.map(({ stream }) => stream)]);
    for (const [index, tile] of tiles.entries()) {
      const stop = placed[index];
      if (!this.#before.has(tile)) {
        this.#before.set(tile, tile.stream);
      }
      tile.stream = stop?.stream ?? '';
      if (this.#scope.ownsLabels || stop?.label !== undefined) {
        tile.label = stop?.label ?? '';
      }
    }
    this.#host.requestUpdate();
  }

  /** Without a session the device has none open for the tour. */
  #leaveAllBut(streams: readonly string[]): void {
    const connection = this.#connection;
    if (connection?.state === 'open') {
      this.#cameras.leaveOthers(connection, new Set(streams));
    }
  }

  /** The state may have changed. */
  #review(): void {
    if (this.state !== this.#told) {
      this.#tell();
      this.#wait();
      this.#host.requestUpdate();
    }
  }

  #tell(): void {
    this.#told = this.state;
    this.#host.dispatchEvent(new MsTourEvent(this));
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#run += 1;
  }

  /** Waits for the next step, from now. A tour that was held shows its cameras for the whole time again. */
  #wait(): void {
    this.#stopWaiting();
    if (this.state === 'running' && this.#host.isConnected) {
      this.#goThrough(this.#run);
    }
  }

  async #goThrough(run: number): Promise<void> {
    const before = Math.min(lead, this.#dwell);
    const half = before / 2;
    await this.#sleep(this.#dwell - before);
    // A camera that starts slowly has its turn as well: the step waits for it, no longer than for as long again.
    let [left, more, isLate] = [before, before, false];
    for (let again = soon; left > 0; again *= 2) {
      const isWhole = !this.#moves || (await this.#prepare(run));
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
    const connection = this.#connection;
    if (run === this.#run && connection?.state === 'open') {
      await this.#cameras.look(connection);
    }
    if (run === this.#run) {
      // Without a session there is nothing to show; the pictures that are there stay.
      connection?.state === 'open' && this.#moves ? this.#step(1) : this.#wait();
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
    const connection = this.#connection;
    const tiles = this.#scope.tiles();
    if (connection?.state !== 'open' || tiles.length === 0) {
      return false;
    }
    await this.#cameras.look(connection);
    if (run !== this.#run) {
      return false;
    }
    const next = this.#order.next(tiles.length);
    const started = next.slice(0, tiles.length - tiles.filter((tile) => this.#waits(tile)).length);
    // One camera that was offline before is tried as well, each in its turn.
    this.#tried ??= this.#cameras.longestOffline(this.#order.passedOver(tiles.length));
    const stops = this.#tried && !next.includes(this.#tried) ? [...started, this.#tried] : started;
    const wishes = await Promise.all(
      stops.map(({ stream }, at) => this.#wishFor(tiles[at % tiles.length] as TourTile, stream)),
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
  #waits(tile: TourTile): boolean {
    const { wish, failure } = this.#tools.sources.get(tile)?.view ?? {};
    const { state, stream } = tile;
    const isOnItsWay = state === 'buffering' || state === 'pending' || failure?.reason === 'timeout';
    return stream !== '' && (isOnItsWay || wish?.stream !== stream) && !this.#cameras.isOffline(stream);
  }

  /** The wish of a tile that shows this stream. */
  async #wishFor(tile: TourTile, stream: string): Promise<Wish> {
    const { quality } = tile;
    if (quality !== 'auto') {
      return { stream, quality };
    }
    const sources = this.#tools.sources.get(tile);
    const streams = sources?.view.connection?.address('api/streams');
    return { stream, quality: (streams && (await sources?.auto()?.qualityFor(stream, streams.href))) ?? '' };
  }
}

/**
 * Starts, changes or ends a tour. The tour of a wall follows the plan; tiles of other devices, and tiles with a tour of their own, stay as
 * they are. The tour of a tile follows its `streams` and `dwell`.
 */
export function tour(host: TouredWall | TourTile, given: TourPlan | null | undefined, tools: ForTours): Tour | null {
  const [scope, plan] = 'slots' in host ? [ofWall(host), given ?? null] : [ofTile(host), planOf(host)];
  if (plan === null || plan.streams.length === 0) {
    host.activeTour?.end();
    return null;
  }
  if (host.activeTour) {
    host.activeTour.follow(plan);
  } else {
    host.activeTour = new Tour(scope, plan, tools);
    host.requestUpdate();
    host.dispatchEvent(new MsTourEvent(host.activeTour));
  }
  return host.activeTour;
}

function ofWall(host: TouredWall): Scope {
  const tiles = () => host.slots.filter(({ deviceUrl, streams }) => deviceUrl === undefined && !streams);
  return { host, tiles, strings: () => host.strings, ownsLabels: true };
}

function ofTile(host: TourTile): Scope {
  return { host, tiles: () => [host], strings: () => host.wall?.settings.strings, ownsLabels: false };
}

function planOf({ streams = '', dwell }: TourTile): TourPlan {
  return { streams: typeof streams === 'string' ? streams.split(/[\s,]+/).filter(Boolean) : streams, dwell };
}
