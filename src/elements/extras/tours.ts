import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { DeviceConnection } from '../../client/device-connection.ts';
import type { Wall, WallSettings } from '../context.ts';
import type { Strings } from '../strings.ts';
import { tourStyles } from './tour.styles.ts';
import { TourBar } from './tour-bar.ts';
import { TourCameras } from './tour-cameras.ts';
import { TourHold } from './tour-hold.ts';
import { type Direction, place, TourOrder, type TourPlan } from './tour-order.ts';
import { type RunningTour, type TileSources, TourRun } from './tour-run.ts';

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
  readonly sources: TileSources;
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
  readonly #run: TourRun;
  #plan: TourPlan;
  #order: TourOrder;
  #isPaused = false;
  #isEnded = false;
  /** The streams that the tiles had before the tour. */
  readonly #before = new WeakMap<TourTile, string>();
  /** The state that was told last. */
  #told: TourState = 'running';

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
    this.#run = new TourRun(
      () => this.#running,
      tools.sources,
      this.#cameras,
      () => this.#takeTurn(),
    );
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
    this.#run.stop();
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
    this.#run.turned();
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

  /** Waits for the next step, from now. A tour that was held shows its cameras for the whole time again. */
  #wait(): void {
    this.#run.stop();
    if (this.state === 'running' && this.#host.isConnected) {
      this.#run.start();
    }
  }

  #takeTurn(): void {
    // Without a session there is nothing to show; the pictures that are there stay.
    this.#connection?.state === 'open' && this.#moves ? this.#step(1) : this.#wait();
  }

  get #running(): RunningTour {
    return {
      tiles: this.#scope.tiles(),
      connection: this.#connection,
      order: this.#order,
      dwell: this.#dwell,
      moves: this.#moves,
    };
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
