import type { Figure } from './part.ts';

/** What `bench/results/latest.json` holds. */
export interface Results {
  /** ISO 8601. */
  date: string;
  machine: { cpu: string | undefined; cores: number; memory_gib: number };
  versions: { node: string; browser: string };
  settings: Record<string, unknown>;
  seconds: number;
  parts: MeasuredPart[];
}

export interface MeasuredPart {
  name: string;
  title: string;
  seconds: number;
  /** Of all cores, in percent, while the part ran. */
  load: { busy: number; steal: number };
  settings: Record<string, unknown>;
  figures: Figure[];
}

/** JSON with a line for each list of samples, so that two results can be compared line by line. */
export function formatResults(results: Results): string {
  const text = JSON.stringify(results, null, 2);
  return `${text.replace(/\[[-\d.,\sn-u]*\]/g, (list) => list.replace(/\s+/g, ''))}\n`;
}
