import type { Figure } from './part.ts';

/** The content of `bench/results/latest.json`. */
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
  /** The use of all cores while the part ran, in percent. */
  load: { busy: number; steal: number };
  settings: Record<string, unknown>;
  figures: Figure[];
  /** Why it ended before its end. */
  failure?: string;
}

/** JSON with a line for each list of samples, so that two results can be compared line by line. */
export function formatResults(results: Results): string {
  const text = JSON.stringify(results, null, 2);
  // A line break is no part of a JSON string: what begins with one is a list, here of numbers only.
  return `${text.replace(/\[\n[^"[\]{}]*\]/g, (list) => list.replace(/\s+/g, ''))}\n`;
}
