import type { Packet } from 'node-av/lib';
import type { AccessUnit } from '../media/access-unit.ts';
import type { GopLimits } from '../media/gop.ts';

interface Entry {
  packet: Packet;
  unit: AccessUnit;
}

/** A source's packets since its last key frame: they prime a decoder that starts, and a copy that joins late. */
export class Gop {
  readonly #limits: GopLimits;
  #entries: Entry[] = [];
  #bytes = 0;

  constructor(limits: GopLimits) {
    this.#limits = limits;
  }

  /** @param packet kept by a reference of its own */
  push(packet: Packet, unit: AccessUnit): void {
    const isFull = this.#entries.length >= this.#limits.units || this.#bytes + unit.data.length > this.#limits.bytes;
    if (unit.keyframe || isFull) {
      this.clear();
    }
    const own = unit.keyframe || this.#entries.length > 0 ? packet.clone() : null;
    if (own !== null) {
      this.#bytes += unit.data.length;
      this.#entries.push({ packet: own, unit: { ...unit, data: Buffer.from(unit.data) } });
    }
  }

  /** Frees what it holds: packets live outside of what JavaScript collects. */
  clear(): void {
    this.#bytes = 0;
    for (const { packet } of this.#entries.splice(0)) {
      packet.free();
    }
  }

  get units(): AccessUnit[] {
    return this.#entries.map(({ unit }) => unit);
  }

  /** References of the caller's own, to be freed by it: the GOP may end while they are in use. */
  clonePackets(): Packet[] {
    return this.#entries.map(({ packet }) => packet.clone()).filter((packet) => packet !== null);
  }
}
