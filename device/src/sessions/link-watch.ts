import { freshLink, judgeLink, type LinkSecond, type SlotLoad } from './link-policy.ts';
import type { LinkReport } from './outlet.ts';
import { judgeReplays, unpaced } from './replay-rate.ts';
import { RoundTrips } from './round-trips.ts';
import type { Slot } from './slot.ts';
import type { Replay } from './slot-writer.ts';

/** How often a link is judged, in milliseconds. */
const interval = 1000;

export interface LinkWatchOptions {
  /** Whether slots are taken to smaller variants while the link cannot carry those that were asked for. */
  adaptive: boolean;
  /** From now on GOPs are to be sent at this rate, in bits a second; infinite: at once. */
  pace(rate: number): void;
}

/** Watches one viewer's link: what it carries, and how fast a GOP may be sent over it. */
export class LinkWatch {
  readonly #slots: ReadonlyMap<number, Slot>;
  readonly #options: LinkWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #state = freshLink;
  /** Loss in the reports since the last look. */
  #losses = { sum: 0, count: 0 };
  readonly #roundTrips = new RoundTrips();
  #estimate: number | null = null;
  /** Bytes that each slot had sent at the last look. */
  #sent = new Map<number, number>();
  #replays = unpaced;
  /** The last one of each slot at the last look. */
  #replayed = new Map<number, Replay | null>();
  #hadReplay = false;

  constructor(slots: ReadonlyMap<number, Slot>, options: LinkWatchOptions) {
    this.#slots = slots;
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), interval);
    this.#timer.unref();
  }

  /** Bitrate that the viewer expects of its link, in bits a second; null while it has not said. */
  get estimate(): number | null {
    return this.#estimate;
  }

  hearEstimate(bitrate: number): void {
    this.#estimate = bitrate;
  }

  hearReport({ loss, roundTrip }: LinkReport): void {
    this.#losses.sum += loss;
    this.#losses.count++;
    if (roundTrip !== null) {
      this.#roundTrips.add(roundTrip);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const loads = Array.from(this.#slots, ([slot, it]) => {
      const sent = ((it.sentBytes - (this.#sent.get(slot) ?? 0)) * 8 * 1000) / interval;
      this.#sent.set(slot, it.sentBytes);
      return {
        slot,
        sent,
        // Asked where a link is too thin: it looks through all streams.
        get canStepDown() {
          return it.canStepDown;
        },
        isSteppedDown: it.isSteppedDown,
      };
    });
    const sent = loads.reduce((sum, load) => sum + load.sent, 0);
    const { sum, count } = this.#losses;
    this.#losses = { sum: 0, count: 0 };
    const loss = count === 0 ? null : sum / count;
    const calm = [...this.#slots.values()].some(({ isCalm }) => isCalm);
    const hasReplay = this.#lookForReplays();
    this.#replays = judgeReplays(this.#replays, { replayed: hasReplay || this.#hadReplay, sent, loss, calm });
    this.#hadReplay = hasReplay;
    this.#options.pace(this.#replays.rate);
    const queued = this.#roundTrips.endSecond();
    if (this.#options.adaptive) {
      this.#adapt({ sent, loss, estimate: this.#estimate, queued }, loads);
    }
  }

  #adapt(second: LinkSecond, loads: SlotLoad[]): void {
    const [state, steps] = judgeLink(this.#state, second, loads);
    this.#state = state;
    for (const { slot, direction } of steps) {
      this.#slots.get(slot)?.step(direction);
    }
  }

  /** Whether a slot was sent a GOP since the last look. */
  #lookForReplays(): boolean {
    const now = new Map(Array.from(this.#slots, ([slot, { replayed }]) => [slot, replayed]));
    const before = this.#replayed;
    this.#replayed = now;
    return Array.from(now).some(([slot, replay]) => replay !== null && replay !== before.get(slot));
  }
}
