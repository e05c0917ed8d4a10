import { freshLink, judgeLink } from './link-policy.ts';
import { RoundTrips } from './round-trips.ts';
import type { Feedback } from './rtcp.ts';
import type { Slot } from './slot.ts';

/** How often a link is judged, in milliseconds. */
const interval = 1000;

/** Watches one viewer's link, and takes its slots to smaller variants while it cannot carry those that were asked for. */
export class LinkWatch {
  readonly #slots: ReadonlyMap<number, Slot>;
  readonly #timer: NodeJS.Timeout;
  #state = freshLink;
  #losses: number[] = [];
  readonly #roundTrips = new RoundTrips();
  #estimate: number | null = null;
  /** Bytes that each slot had sent at the last look. */
  #sent = new Map<number, number>();

  constructor(slots: ReadonlyMap<number, Slot>) {
    this.#slots = slots;
    this.#timer = setInterval(() => this.#look(), interval);
    this.#timer.unref();
  }

  /** What the viewer takes its link for, in bits a second; null while it has not said. */
  get estimate(): number | null {
    return this.#estimate;
  }

  /** Whether the link had trouble with what it was sent within the last seconds, or carries less than was asked for. */
  get isThin(): boolean {
    return this.#state.congested !== 0 || [...this.#slots.values()].some(({ isSteppedDown }) => isSteppedDown);
  }

  hear({ loss, roundTrip, estimate }: Feedback): void {
    if (loss !== null) {
      this.#losses.push(loss);
    }
    if (roundTrip !== null) {
      this.#roundTrips.add(roundTrip);
    }
    this.#estimate = estimate ?? this.#estimate;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const loads = Array.from(this.#slots, ([slot, it]) => {
      const sent = ((it.sentBytes - (this.#sent.get(slot) ?? 0)) * 8 * 1000) / interval;
      this.#sent.set(slot, it.sentBytes);
      return { slot, sent, canStepDown: it.canStepDown, isSteppedDown: it.isSteppedDown };
    });
    const sent = loads.reduce((sum, load) => sum + load.sent, 0);
    const reports = this.#losses.splice(0);
    const loss = reports.length === 0 ? null : reports.reduce((sum, lost) => sum + lost, 0) / reports.length;
    const second = { sent, loss, estimate: this.#estimate, queued: this.#roundTrips.endSecond() };
    const [state, steps] = judgeLink(this.#state, second, loads);
    this.#state = state;
    for (const { slot, direction } of steps) {
      this.#slots.get(slot)?.step(direction);
    }
  }
}
