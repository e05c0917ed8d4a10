/** How fast a viewer's replays are sent: a pure rule, asked once a second. */

/** Measured over the last second of a link that may be too thin for a GOP at once. */
export interface ReplaySecond {
  /** Whether a GOP was sent in it, or in the second before, of which reports come late. */
  replayed: boolean;
  /** Bits a second. */
  sent: number;
  /** Whether a slot is calm: the link then carries more than was sent. */
  calm?: boolean;
  /** Share of packets that never came, 0 to 1; null where the viewer reported nothing. */
  loss: number | null;
}

export interface ReplayRate {
  /** Bits a second; infinite: a GOP goes out at once. */
  rate: number;
  /** Bits of the last second without a replay, which the link is known to carry; 0 before there was one. */
  carried: number;
}

export const unpaced: ReplayRate = { rate: Number.POSITIVE_INFINITY, carried: 0 };

/** Loss that a replay is taken to have caused; networks that lose a packet now and then stay below. */
const causedLoss = 0.04;
/** Where to begin, as a multiple of what the link carries: the replay and what is live beside it share it. */
const headroom = 2;
/** Never less: what is live on a track follows its replay, and has to catch up with it. */
const leastHeadroom = 1.25;
const slower = 0.7;
const faster = 1.5;
/** Bits a second. With fewer, a picture would take seconds; with more, pacing makes no visible difference. */
const lowest = 1_000_000;
const highest = 50_000_000;

/**
 * Replays go out at once until one of them costs packets, as where a router's queue is shorter than a GOP: that one is
 * mended by resending, and the next ones are spread, so that the viewer's other tiles do not stumble with each switch.
 * Every replay that costs nothing makes the next one faster.
 */
export function judgeReplays(
  { rate, carried }: ReplayRate,
  { replayed, sent, loss, calm = false }: ReplaySecond,
): ReplayRate {
  if (!replayed) {
    return { rate: Math.max(rate, sent * leastHeadroom), carried: calm ? Math.max(carried, sent) : sent };
  }
  if (loss !== null && loss > causedLoss) {
    const wanted = Math.min(rate * slower, (carried || sent) * headroom);
    return { rate: Math.max(lowest, carried * leastHeadroom, wanted), carried };
  }
  const next = rate * faster;
  return { rate: next > highest ? Number.POSITIVE_INFINITY : next, carried };
}
