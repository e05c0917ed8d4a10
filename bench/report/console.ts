import type { MeasuredPart } from '../results.ts';
import { summarize } from '../stats.ts';

/** One row for each figure of each side. */
export function printTable({ figures, seconds, load }: MeasuredPart): void {
  const rows = figures.map(({ what, side, unit, samples }) => {
    const { count, median, p95, worst } = summarize(samples);
    return { what, side, unit, n: count, median, p95, worst };
  });
  console.table(rows);
  console.log(`${seconds} s; all cores ${load.busy} % busy, ${load.steal} % taken by other machines`);
}
