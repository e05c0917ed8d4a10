export type Point = readonly [x: number, y: number];

/**
 * The slope of a line through points: the median of the slopes between each two of them (Theil and Sen), which a peak or
 * a low among many points does not move.
 */
export function slopeOf(points: readonly Point[]): number {
  const slopes = points
    .flatMap(([x, y], index) => points.slice(index + 1).map(([laterX, laterY]) => (laterY - y) / (laterX - x)))
    .toSorted((a, b) => a - b);
  const middle = slopes.length >> 1;
  if (slopes.length === 0) {
    throw new Error('a slope needs two points');
  }
  const upper = slopes[middle] as number;
  return slopes.length % 2 === 1 ? upper : (upper + (slopes[middle - 1] as number)) / 2;
}
