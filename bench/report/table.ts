import type { Figure, SideName } from '../part.ts';
import type { MeasuredPart } from '../results.ts';
import { summarize } from '../stats.ts';

export const sideNames: readonly SideName[] = ['multistream', 'iframes', 'iframes without GOP cache'];

/** The figures of one thing that was measured, by side. */
export interface Row {
  what: string;
  figures: Partial<Record<SideName, Figure>>;
}

export function toRows(figures: readonly Figure[]): Row[] {
  const rows = new Map<string, Row>();
  for (const figure of figures) {
    const row = rows.get(figure.what) ?? { what: figure.what, figures: {} };
    row.figures[figure.side] = figure;
    rows.set(figure.what, row);
  }
  return [...rows.values()];
}

/** Markdown, a row for each figure: median / p95 / worst and how many, or the value alone where there is one. */
export function partTable({ figures }: MeasuredPart): string {
  const rows = toRows(figures);
  const shown = sideNames.filter((side) => rows.some((row) => row.figures[side] !== undefined));
  const hasRatio = shown.includes('iframes');
  const head = ['', ...shown, ...(hasRatio ? ['iframes : multistream'] : [])];
  const body = rows.map(({ what, figures: bySide }) => [
    what,
    ...shown.map((side) => fullCell(bySide[side])),
    ...(hasRatio ? [ratio(bySide.iframes, bySide.multistream)] : []),
  ]);
  return markdownTable(head, body);
}

export function markdownTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...body.map(line)].join('\n');
}

function fullCell(figure: Figure | undefined): string {
  if (figure === undefined) {
    return '';
  }
  const { count, median, p95, worst } = summarize(figure.samples);
  return count === 1
    ? withUnit(median, figure.unit)
    : `${withUnit([median, p95, worst].map(shortNumber).join(' / '), figure.unit)}, n ${count}`;
}

/** The median and how the slowest of twenty was, for a reader in a hurry. */
export function shortCell(figure: Figure | undefined): string {
  if (figure === undefined) {
    return '';
  }
  const { count, median, p95 } = summarize(figure.samples);
  return withUnit(count < 20 ? shortNumber(median) : `${shortNumber(median)} (p95 ${shortNumber(p95)})`, figure.unit);
}

function ratio(one: Figure | undefined, other: Figure | undefined): string {
  if (one === undefined || other === undefined) {
    return '';
  }
  const value = summarize(one.samples).median / summarize(other.samples).median;
  return Number.isFinite(value) ? `${value < 10 ? value.toFixed(1) : Math.round(value)}×` : '';
}

function withUnit(value: string | number, unit: Figure['unit']): string {
  const text = typeof value === 'number' ? shortNumber(value) : value;
  return unit === '' ? text : `${text} ${unit}`;
}

/** Two digits that say something, or whole numbers: more would promise more than was measured. */
export function shortNumber(value: number): string {
  return Math.abs(value) >= 10 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}
