/** What is kept of a GOP: a longer or larger one is not kept at all, since half a GOP is of no use to a decoder. */
export interface GopLimits {
  /** Pictures; 0: nothing is kept. */
  units: number;
  bytes: number;
}

export const usualGop: GopLimits = { units: 750, bytes: 16 * 1024 * 1024 };
