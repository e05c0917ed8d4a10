import { mostServed } from '../parts/device-cost.ts';
import type { MeasuredPart, Results } from '../results.ts';
import { fitLine } from '../stats.ts';
import { linePlot, type Series, type Strip, stripPlot } from './svg.ts';
import { sideNames, toRows } from './table.ts';

const colors = ['#1668dc', '#d4600a', '#8b929c'];
const series: Series[] = sideNames.map((label, index) => ({ label, color: colors[index] as string }));
/** Parts whose figures are times. */
const timed = ['connect', 'switch', 'quality', 'latency', 'thin-link'];

/** SVG by the name of the file. */
export function plots({ parts }: Results): Record<string, string> {
  const files: Record<string, string> = {};
  for (const part of parts) {
    if (timed.includes(part.name)) {
      files[`${part.name}.svg`] = stripPlot(part.title, 'ms', series, toStrips(part));
    } else if (part.name === 'device') {
      files['device-cpu.svg'] = viewerPlot(part, 'CPU', '% of a core');
      files['device-memory.svg'] = viewerPlot(part, 'memory', 'MiB');
    }
  }
  return files;
}

function toStrips({ figures }: MeasuredPart): Strip[] {
  return toRows(figures.filter(({ unit }) => unit === 'ms')).map(({ what, figures: bySide }) => ({
    label: what,
    samples: sideNames.map((side) => bySide[side]?.samples ?? []),
  }));
}

function viewerPlot({ figures }: MeasuredPart, of: 'CPU' | 'memory', unit: string): string {
  const lines = (['multistream', 'iframes'] as const).map((side, index) => {
    const points = figures
      .filter((figure) => figure.side === side)
      .flatMap(({ what, samples }) => {
        const viewers = new RegExp(`^${of} of the device, (\\d+) viewers? `).exec(what)?.[1];
        return viewers === undefined ? [] : samples.map((sample) => [Number(viewers), sample] as const);
      });
    const label = index === 0 ? 'one connection a viewer' : 'one connection a tile';
    const fitted = points.filter(([viewers]) => of === 'memory' || viewers <= mostServed);
    return { label, color: colors[index] as string, points, ...fitLine(fitted) };
  });
  return linePlot(`${of} of the device`, { x: 'viewers of 9 tiles', y: unit }, lines);
}
