import type { MeasuredPart } from '../results.ts';
import { summarize } from '../stats.ts';

/** One row for each figure of each side; `ratio` is a median's to that of multistream. */
export function printTable({ figures, seconds, load }: MeasuredPart): void {
  const ours = new Map(figures.filter(({ side }) => side === 'multistream').map((figure) => [figure.what, figure]));
  const rows = figures.map(({ what, side, unit, samples }) => {
    const { count, median, p95, worst } = summarize(samples);
    const ratio = median / summarize(ours.get(what)?.samples ?? []).median;
    return { what, side, unit, n: count, median, p95, worst, ratio: Math.round(ratio * 100) / 100 };
  });
  console.table(rows);
  console.log(`${seconds} s; all cores ${load.busy} % busy, ${load.steal} % taken by other machines`);
}
