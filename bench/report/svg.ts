/** Plots as SVG text: every sample is a dot, so that nothing hides behind a mean. */

export interface Series {
  label: string;
  color: string;
}

export interface Strip {
  label: string;
  /** By series, in their order; empty where there are none. */
  samples: readonly (readonly number[])[];
}

const font = 'font-family="system-ui, sans-serif" font-size="12"';
const [ink, faint] = ['#1c2127', '#d5dae1'];
const width = 860;
const [left, right] = [300, 24];
const lane = 13;

/** A strip for each thing that was measured, a lane in it for each series, on a logarithmic axis. */
export function stripPlot(title: string, unit: string, series: readonly Series[], strips: readonly Strip[]): string {
  const values = strips.flatMap(({ samples }) => samples.flat());
  const [low, high] = decades(values);
  const x = (value: number) =>
    left + (Math.log(Math.max(value, low) / low) / Math.log(high / low)) * (width - left - right);
  const top = 66;
  const strip = lane * series.length + 12;
  const height = top + strip * strips.length + 34;
  const marks = ticks(low, high).map(
    (value) =>
      `<path d="M${round(x(value))} ${top - 6}V${height - 28}" stroke="${faint}"/>` +
      text(x(value), height - 12, `${value}`, 'middle'),
  );
  const rows = strips.map(({ label, samples }, row) => {
    const y = top + row * strip;
    const lanes = samples.map((list, index) => dots(list, x, y + lane * index + lane / 2, series[index]?.color ?? ink));
    return text(left - 12, y + (lane * series.length) / 2 + 4, label, 'end') + lanes.join('');
  });
  return document(height, title, [...legend(series), ...marks, ...rows, text(12, height - 12, unit)]);
}

export interface Line extends Series {
  points: readonly (readonly [x: number, y: number])[];
  /** The fitted line. */
  slope: number;
  intercept: number;
}

/** Points and the line through them, on linear axes from zero. */
export function linePlot(title: string, axes: { x: string; y: string }, lines: readonly Line[]): string {
  const [top, height] = [66, 320];
  const all = lines.flatMap(({ points }) => points);
  const [maxX, maxY] = [Math.max(...all.map(([x]) => x)), Math.max(...all.map(([, y]) => y)) * 1.05];
  const origin = 70;
  const x = (value: number) => origin + (value / maxX) * (width - origin - right);
  const y = (value: number) => height - 46 - (value / maxY) * (height - 46 - top);
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const grid = steps.map(
    (share) =>
      `<path d="M${origin} ${round(y(share * maxY))}H${width - right}" stroke="${faint}"/>` +
      text(origin - 8, y(share * maxY) + 4, `${Math.round(share * maxY)}`, 'end') +
      text(x(share * maxX), height - 28, `${Math.round(share * maxX)}`, 'middle'),
  );
  const drawn = lines.map(
    ({ points, slope, intercept, color }) =>
      `<path d="M${round(x(0))} ${round(y(intercept))}L${round(x(maxX))} ${round(y(intercept + slope * maxX))}" stroke="${color}" stroke-width="2"/>` +
      points.map(([px, py]) => dot(x(px), y(py), color)).join(''),
  );
  const names = text(width - right, height - 8, axes.x, 'end') + text(12, height - 8, axes.y);
  return document(height, title, [...legend(lines), ...grid, ...drawn, names]);
}

export interface TimeLine {
  label: string;
  /** Its first and last value, its slope and so on; at the right. */
  note: string;
  color: string;
  points: readonly (readonly [x: number, y: number])[];
}

/** A small plot for each line, one below the other, over the same time; each has an axis of its own from its least to its most. */
export function timeLines(title: string, subtitle: string, xName: string, lines: readonly TimeLine[]): string {
  const [top, row, from, to] = [58, 40, 170, 540];
  const maxX = Math.max(...lines.flatMap(({ points }) => points.map(([x]) => x)), 1e-9);
  const rows = lines.map(({ label, note, color, points }, index) => {
    const bottom = top + row * index + row - 10;
    const values = points.map(([, y]) => y);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const x = (value: number) => from + (value / maxX) * (to - from);
    const y = (value: number) => bottom - ((value - low) / (high - low || 1)) * (row - 16);
    const path = points.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${round(x(px))} ${round(y(py))}`).join('');
    return (
      `<path d="M${from} ${bottom + 2}H${to}" stroke="${faint}"/>` +
      `<path d="${path}" fill="none" stroke="${color}" stroke-width="1.5"/>` +
      text(from - 12, bottom - 6, label, 'end') +
      text(to + 12, bottom - 6, note)
    );
  });
  const height = top + row * lines.length + 26;
  const axis = text(from, height - 10, '0') + text(to, height - 10, `${round(maxX)} ${xName}`, 'end');
  return document(height, title, [text(12, 42, subtitle), ...rows, axis]);
}

function dots(samples: readonly number[], x: (value: number) => number, y: number, color: string): string {
  if (samples.length === 0) {
    return '';
  }
  const sorted = samples.toSorted((a, b) => a - b);
  const median = x(sorted[Math.ceil(sorted.length / 2) - 1] as number);
  const middle = `<path d="M${round(median)} ${round(y - 6)}v12" stroke="${color}" stroke-width="2.5"/>`;
  return sorted.map((sample) => dot(x(sample), y, color)).join('') + middle;
}

function dot(x: number, y: number, color: string): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="3.5" fill="${color}" fill-opacity=".35"/>`;
}

function legend(series: readonly Series[]): string[] {
  return series.map(
    ({ label, color }, index) =>
      `<circle cx="${18 + index * 190}" cy="40" r="5" fill="${color}"/>${text(30 + index * 190, 44, label)}`,
  );
}

function text(x: number, y: number, content: string, anchor = 'start'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${ink}">${escaped(content)}</text>`;
}

function document(height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ${font}>`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#fff"/>`,
    `<text x="12" y="22" font-weight="600" font-size="14" fill="${ink}">${escaped(title)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** Powers of ten, or halves and fifths of them, around the values. */
function decades(values: readonly number[]): [low: number, high: number] {
  const positive = values.filter((value) => value > 0);
  const steps = [1, 2, 5]
    .flatMap((digit) => [-1, 0, 1, 2, 3, 4, 5].map((power) => digit * 10 ** power))
    .toSorted((a, b) => a - b);
  const low = steps.findLast((step) => step <= Math.min(...positive)) ?? 0.1;
  return [low, steps.find((step) => step > low && step >= Math.max(...positive)) ?? 500_000];
}

function ticks(low: number, high: number): number[] {
  const list: number[] = [];
  for (let value = low; value <= high * 1.001; ) {
    list.push(Number(value.toPrecision(1)));
    const digit = Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
    value *= digit === 2 ? 2.5 : 2;
  }
  return list;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
