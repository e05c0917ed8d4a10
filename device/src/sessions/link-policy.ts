/** When a viewer's link cannot carry what it is sent: pure rules, asked once a second. */

/** Measured over the last second of a link. */
export interface LinkSecond {
  /** Bits a second. */
  sent: number;
  /** Share of packets that never came, 0 to 1; null where the viewer reported nothing. */
  loss: number | null;
  /** Bitrate that the viewer expects of the link, in bits a second; null if it says nothing. */
  estimate: number | null;
  /** How long packets wait in the link's queues, in milliseconds; null where that is not known. */
  queued: number | null;
}

/** The cost of one slot, and whether it can be changed. */
export interface SlotLoad {
  slot: number;
  /** Bits a second. */
  sent: number;
  canStepDown: boolean;
  isSteppedDown: boolean;
}

export interface LinkState {
  /** Seconds in a row in which the link was too thin; negative right after a step, until that one shows. */
  congested: number;
  /** Seconds in a row in which it carried everything. */
  clear: number;
  /** Clear seconds before the next attempt at more. */
  patience: number;
  /** Since the last step up; null when that one has proved itself, or there was none. */
  sinceUp: number | null;
}

export type Step = { slot: number; direction: 'down' | 'up' };

/** Above this share of lost packets a link is too thin; below the other one it carries everything (as WebRTC's own control has it). */
const heavyLoss = 0.1;
const lightLoss = 0.02;
/**
 * Between the two, the viewer's estimate decides, where it is this far below what is sent. Alone it is no witness: a GOP
 * replayed at once looks to a browser like a queue that empties, and on a perfect link its estimate was seen to stay at
 * half of what it received without a loss.
 */
const shortfall = 0.8;
const someLoss = 0.04;
/**
 * A link with long queues loses nothing for a while, and shows everything late. Milliseconds that are not a burst's, and
 * those that any network has.
 */
const longQueue = 150;
const shortQueue = 50;
/** Share by which such a link is assumed to be too thin: it does not say. */
const queueExcess = 0.2;
/** Seconds: one bad second is a burst; a step needs a while to show. */
const untilDown = 2;
const afterStep = -3;
const firstPatience = 10;
const longestPatience = 160;
/** A step up that holds this long was right, in seconds. */
const proof = 15;

export const freshLink: LinkState = { congested: 0, clear: 0, patience: firstPatience, sinceUp: null };

export function judgeLink(state: LinkState, second: LinkSecond, loads: readonly SlotLoad[]): [LinkState, Step[]] {
  const next = after(state, second);
  if (next.congested >= untilDown) {
    const steps = downSteps(second, loads);
    const failedUp = next.sinceUp !== null && steps.length > 0;
    const patience = failedUp ? Math.min(next.patience * 2, longestPatience) : next.patience;
    return [{ congested: afterStep, clear: 0, patience, sinceUp: null }, steps];
  }
  // Without one there is nothing to wait for: calm slots are none, and carried little meanwhile.
  const [reduced] = loads.filter(({ isSteppedDown }) => isSteppedDown).toSorted((a, b) => a.sent - b.sent);
  if (reduced !== undefined && next.clear >= next.patience) {
    return [{ ...next, clear: 0, sinceUp: 0 }, [{ slot: reduced.slot, direction: 'up' }]];
  }
  return [reduced === undefined ? { ...next, clear: 0 } : next, []];
}

function after(state: LinkState, second: LinkSecond): LinkState {
  const { sent, loss, estimate, queued } = second;
  const lost = loss ?? 0;
  const bad =
    isQueueing(second) || lost > heavyLoss || (lost > someLoss && estimate !== null && estimate < sent * shortfall);
  const settling = state.congested < 0;
  const sinceUp = state.sinceUp === null ? null : state.sinceUp + 1;
  const proved = sinceUp !== null && sinceUp >= proof;
  return {
    congested: settling || bad ? state.congested + 1 : 0,
    clear: lost < lightLoss && (queued ?? 0) < shortQueue ? state.clear + 1 : 0,
    patience: proved ? firstPatience : state.patience,
    sinceUp: proved ? null : sinceUp,
  };
}

function isQueueing({ queued }: LinkSecond): boolean {
  return queued !== null && queued > longQueue;
}

/** The costliest slots first, until what is too much is saved; a smaller variant is taken to save half. */
function downSteps(second: LinkSecond, loads: readonly SlotLoad[]): Step[] {
  let excess = second.sent * Math.max(second.loss ?? 0, isQueueing(second) ? queueExcess : 0);
  const steps: Step[] = [];
  for (const load of loads.filter(({ canStepDown }) => canStepDown).toSorted((a, b) => b.sent - a.sent)) {
    if (excess <= 0) {
      break;
    }
    excess -= load.sent / 2;
    steps.push({ slot: load.slot, direction: 'down' });
  }
  return steps;
}
