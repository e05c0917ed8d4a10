/** What is said of a list of samples. */
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
