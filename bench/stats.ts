/** The summary of a list of samples. */
export interface Summary {
  count: number;
  median: number;
  p95: number;
  worst: number;
}

export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  // Nearest rank: always a sample that was measured.
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
  return { count: sorted.length, median: at(0.5), p95: at(0.95), worst: at(1) };
}

/** The straight line through the points that leaves the least squares; NaN where they do not determine one. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): { slope: number; intercept: number } {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const sum = (of: (dx: number, dy: number) => number) =>
    points.reduce((total, [x, y]) => total + of(x - meanX, y - meanY), 0);
  const slope = sum((dx, dy) => dx * dy) / sum((dx) => dx * dx);
  return { slope, intercept: meanY - slope * meanX };
}
