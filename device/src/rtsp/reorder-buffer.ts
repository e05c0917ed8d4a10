import { type RtpPacket, sequenceDistance } from '../media/rtp-packet.ts';

/** Packets that are kept while an earlier one is missing. */
const mostKept = 64;
/** How long a missing packet is waited for, in milliseconds: longer than networks change an order, shorter than a frame. */
const longestWait = 30;

/**
 * Brings packets from UDP into the order of their sequence numbers. A packet that does not come in time leaves a gap, and one
 * that comes after that is dropped. It has no timer: the next packet after the wait releases those behind the gap.
 */
export class ReorderBuffer {
  readonly #now: () => number;
  /** The number that is due; null before the first packet. */
  #next: number | null = null;
  readonly #kept = new Map<number, RtpPacket>();
  #waitsSince = 0;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns the packets that are in order now */
  push(packet: RtpPacket): RtpPacket[] {
    this.#next ??= packet.sequence;
    const ahead = sequenceDistance(this.#next, packet.sequence);
    if (Math.abs(ahead) > 10 * mostKept) {
      // The sender began anew.
      const rest = this.#releaseAll();
      this.#next = (packet.sequence + 1) & 0xffff;
      return [...rest, packet];
    }
    if (ahead < 0) {
      return [];
    }
    if (this.#kept.size === 0) {
      this.#waitsSince = this.#now();
    }
    this.#kept.set(packet.sequence, packet);
    const released = this.#releaseInOrder();
    if (this.#kept.size >= mostKept || (this.#kept.size > 0 && this.#now() - this.#waitsSince > longestWait)) {
      const [first] = this.#inOrder();
      this.#next = first?.sequence ?? this.#next;
      released.push(...this.#releaseInOrder());
    }
    return released;
  }

  #releaseInOrder(): RtpPacket[] {
    const released: RtpPacket[] = [];
    for (;;) {
      const due = this.#kept.get(this.#next as number);
      if (due === undefined) {
        break;
      }
      this.#kept.delete(due.sequence);
      released.push(due);
      this.#next = (due.sequence + 1) & 0xffff;
    }
    if (released.length > 0) {
      this.#waitsSince = this.#now();
    }
    return released;
  }

  #releaseAll(): RtpPacket[] {
    const rest = this.#inOrder();
    this.#kept.clear();
    return rest;
  }

  #inOrder(): RtpPacket[] {
    const next = this.#next as number;
    return [...this.#kept.values()].sort(
      (one, other) => sequenceDistance(next, one.sequence) - sequenceDistance(next, other.sequence),
    );
  }
}
