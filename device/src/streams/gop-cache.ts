import type { AccessUnit } from '../media/access-unit.ts';
import { type GopLimits, usualGop } from '../media/gop.ts';

/** Keeps the access units since a stream's last key frame: a decoder needs them to show the present picture. */
export class GopCache {
  readonly #limits: GopLimits;
  #units: AccessUnit[] = [];
  #bytes = 0;

  /** Beyond the limits the cache stays empty until the next key frame: half a GOP is of no use to a decoder. */
  constructor(limits: GopLimits = usualGop) {
    this.#limits = limits;
  }

  get isUsed(): boolean {
    return this.#limits.units > 0;
  }

  push(unit: AccessUnit): void {
    if (unit.keyframe) {
      this.clear();
    } else if (this.#units.length === 0) {
      return;
    }
    this.#units.push(unit);
    this.#bytes += unit.data.length;
    if (this.#units.length > this.#limits.units || this.#bytes > this.#limits.bytes) {
      this.clear();
    }
  }

  clear(): void {
    this.#units = [];
    this.#bytes = 0;
  }

  /** From the key frame to the newest; empty before the first key frame. */
  get units(): readonly AccessUnit[] {
    return this.#units;
  }
}
