/** Tiles with automatic quality share what a machine can decode: a pure rule, asked once a second, and its page-wide use. */

/** A tile in the last second. */
export interface TileLoad<Id> {
  readonly id: Id;
  /** Share of its frames that the browser dropped, from 0 to 1, where the way to it lost no more than usual. */
  readonly dropped: number;
  /** How large it is: lines of device pixels. */
  readonly lines: number;
  /** Whether a reader looks at this tile in particular, or hears it. */
  readonly isAttended: boolean;
  readonly canStepDown: boolean;
  readonly isSteppedDown: boolean;
}

export interface MachineState {
  /** Seconds in a row in which the machine could not keep up; negative right after a step, until that one shows. */
  readonly strained: number;
  /** Seconds in a row in which it kept up with everything. */
  readonly relaxed: number;
  /** Relaxed seconds before the next attempt at more. */
  readonly patience: number;
  /** Seconds since the last step up; null when that one has proved itself, or there was none. */
  readonly sinceUp: number | null;
}

export interface Step<Id> {
  readonly id: Id;
  readonly direction: 'down' | 'up';
}

/** Above this share of dropped frames a tile stumbles; if no tile is above the other, the machine keeps up. */
const stumbles = 0.2;
const keepsUp = 0.05;
/** One tile that stumbles has a reason of its own; so many, and such a share of all, have the machine in common. */
const fewest = 2;
const common = 0.25;
/** Seconds. */
const untilDown = 3;
const afterStep = -3;
const firstPatience = 30;
const longestPatience = 480;
/** A step up that holds this long was right, in seconds. */
const proof = 20;
/** The share of the tiles that step down at a time. */
const atOnce = 0.25;

export const freshMachine: MachineState = { strained: 0, relaxed: 0, patience: firstPatience, sinceUp: null };

/** Steps the tiles down that are looked at least, when the machine cannot keep up with several; and up again, one at a time. */
export function judgeMachine<Id>(
  state: MachineState,
  tiles: readonly TileLoad<Id>[],
): [MachineState, readonly Step<Id>[]] {
  const next = after(state, tiles);
  const order = tiles.toSorted((a, b) => Number(a.isAttended) - Number(b.isAttended) || a.lines - b.lines);
  if (next.strained >= untilDown) {
    const able = order.filter(({ canStepDown }) => canStepDown);
    const unattended = able.filter(({ isAttended }) => !isAttended);
    const chosen = (unattended.length > 0 ? unattended : able).slice(0, Math.max(1, Math.ceil(tiles.length * atOnce)));
    const failedUp = next.sinceUp !== null && chosen.length > 0;
    const patience = failedUp ? Math.min(next.patience * 2, longestPatience) : next.patience;
    return [
      { strained: afterStep, relaxed: 0, patience, sinceUp: null },
      chosen.map(({ id }) => ({ id, direction: 'down' })),
    ];
  }
  const reduced = order.findLast(({ isSteppedDown }) => isSteppedDown);
  if (reduced !== undefined && next.relaxed >= next.patience) {
    return [{ ...next, relaxed: 0, sinceUp: 0 }, [{ id: reduced.id, direction: 'up' }]];
  }
  return [next, []];
}

function after<Id>(state: MachineState, tiles: readonly TileLoad<Id>[]): MachineState {
  const stumbling = tiles.filter(({ dropped }) => dropped > stumbles).length;
  const isStrained = isShared(stumbling, tiles.length);
  const sinceUp = state.sinceUp === null ? null : state.sinceUp + 1;
  const proved = sinceUp !== null && sinceUp >= proof;
  return {
    strained: state.strained < 0 || isStrained ? state.strained + 1 : 0,
    relaxed: tiles.every(({ dropped }) => dropped <= keepsUp) ? state.relaxed + 1 : 0,
    patience: proved ? firstPatience : state.patience,
    sinceUp: proved ? null : sinceUp,
  };
}

function isShared(stumbling: number, tiles: number): boolean {
  return stumbling >= fewest && stumbling >= tiles * common;
}

/** A tile as the page's budget asks it. */
export interface Sharer {
  /** Its last second; null if nothing can be said of it. */
  readonly load: Omit<TileLoad<unknown>, 'id'> | null;
  /** Whether a graphics processor decodes it; undefined where the browser does not say. */
  readonly isHardware: boolean | undefined;
  step(direction: 'down' | 'up'): void;
}

/** How long (ms) a second is at least: each tile has a clock of its own, and the first one that ticks asks for all. */
const second = 900;

/** All tiles with automatic quality in this page, which share a machine. */
export class MachineBudget {
  readonly #sharers = new Set<Sharer>();
  #state = freshMachine;
  #judgedAt = Number.NEGATIVE_INFINITY;

  join(sharer: Sharer): void {
    this.#sharers.add(sharer);
  }

  leave(sharer: Sharer): void {
    this.#sharers.delete(sharer);
  }

  /** Whether a graphics processor decodes one of the tiles at least, and so could decode others. */
  get hasHardware(): boolean {
    return [...this.#sharers].some(({ isHardware }) => isHardware === true);
  }

  /** Whether several tiles stumble at this moment: the reason is none of their own. */
  get isStrained(): boolean {
    const loads = this.#loads;
    return isShared(loads.filter(({ dropped }) => dropped > stumbles).length, loads.length);
  }

  /** Judges the last second, if that was not done. @param now milliseconds */
  tick(now: number): void {
    if (now - this.#judgedAt >= second) {
      this.#judgedAt = now;
      const [state, steps] = judgeMachine(this.#state, this.#loads);
      this.#state = state;
      for (const { id, direction } of steps) {
        id.step(direction);
      }
    }
  }

  get #loads(): TileLoad<Sharer>[] {
    return [...this.#sharers].flatMap((id) => (id.load === null ? [] : [{ ...id.load, id }]));
  }
}
