/** The largest GOP that is kept. A larger one is dropped as a whole, since a decoder cannot use half a GOP. */
export interface GopLimits {
  /** Pictures; 0: nothing is kept. */
  units: number;
  bytes: number;
}

export const usualGop: GopLimits = { units: 750, bytes: 16 * 1024 * 1024 };
