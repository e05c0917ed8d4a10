import type { SlotStatus } from '../protocol/messages.ts';

/**
 * This file has what a multistream device needs that knows no sound, such as the forks of go2rtc. Loaded only for such a device; of the rest of
 * the client this file imports only types.
 */

/** How long (ms) after a failed switch it is repeated. */
const repeatEvery = 10_000;

/** A slot and the m-line that the offer has for it. */
export interface Line {
  readonly slot: number;
  readonly transceiver: RTCRtpTransceiver;
}

/** Takes the audio m-line out of an offer: it is the last one. */
export function withoutSound(offer: string): string {
  return offer.replace(/m=audio[\s\S]*$/, '').replace(/(a=group:BUNDLE.*) \S+/, '$1');
}

/** Adds the answer to the audio m-line, which the device has never seen: each m-line of an offer needs one. */
export function rejectSound(answer: string, mid: string | null): string {
  return `${answer}m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:${mid}\r\n`;
}

/**
 * Adds the mids of their m-lines to statuses that have none. Such a device fills the m-lines in order with the slots whose
 * stream it found, and lists those only; one that lists its failed slots as well gives them no line.
 * @param lines in the order of the offer
 */
export function withMids(statuses: readonly SlotStatus[], lines: readonly Line[]): readonly SlotStatus[] {
  if (statuses.some(({ mid }) => mid !== undefined)) {
    return statuses;
  }
  const answered = lines.filter(({ transceiver }) => transceiver.currentDirection === 'recvonly');
  const listed = lines.flatMap(({ slot }) => statuses.find((status) => status.slot === slot) ?? []);
  const filled = listed.length > answered.length ? listed.filter(({ status }) => status !== 'error') : listed;
  return filled.map((status, i) => ({ ...status, mid: answered[i]?.transceiver.mid ?? '' }));
}

/**
 * The switches of a device that does not say which request a status answers, and does not try a camera again by itself. Each
 * slot is switched once at a time: one fork leaks a stream otherwise.
 */
export class Patience {
  /** By slot, while it is being switched: what is to be done afterwards. */
  readonly #next = new Map<number, (() => void) | null>();
  readonly #repeats = new Set<ReturnType<typeof setTimeout>>();

  /** Whether the slot is being switched. In that case `next` is done afterwards, in place of what has waited so far. */
  isBusy(slot: number, next: () => void): boolean {
    const isBusy = this.#next.has(slot);
    this.#next.set(slot, isBusy ? next : null);
    return isBusy;
  }

  /** The switch of a slot has ended. */
  settle(slot: number): void {
    const next = this.#next.get(slot);
    this.#next.delete(slot);
    next?.();
  }

  repeatLater(ask: () => void): void {
    const timer = setTimeout(() => {
      this.#repeats.delete(timer);
      ask();
    }, repeatEvery);
    this.#repeats.add(timer);
  }

  close(): void {
    this.#repeats.forEach(clearTimeout);
  }
}
