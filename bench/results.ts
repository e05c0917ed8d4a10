import type { Figure } from './part.ts';

/** The content of `bench/results/latest.json`. */
export interface Results {
  machine: { cpu: string | undefined; cores: number; memory_gib: number };
  versions: { node: string; browser: string };
  settings: Record<string, unknown>;
  parts: MeasuredPart[];
}

export interface MeasuredPart {
  name: string;
  title: string;
  /** When it began: ISO 8601. */
  date: string;
  seconds: number;
  /** The use of all cores while the part ran, in percent. */
  load: { busy: number; steal: number };
  settings: Record<string, unknown>;
  figures: Figure[];
  /** Why it ended before its end. */
  failure?: string;
}

/**
 * The results before, with the parts that were measured again in place of the old ones.
 * @param order the names of all parts
 * @throws {Error} where the two cannot stand in one table
 */
export function replaceParts(before: Results, measured: Results, order: readonly string[]): Results {
  const setting = ({ machine, versions, settings }: Results) => JSON.stringify({ machine, versions, settings });
  if (setting(before) !== setting(measured)) {
    throw new Error('the results that are kept are of another machine, browser or Node: measure everything');
  }
  const newest = new Map([...before.parts, ...measured.parts].map((part) => [part.name, part]));
  return { ...measured, parts: order.flatMap((name) => newest.get(name) ?? []) };
}

/** JSON with a line for each list of samples, so that two results can be compared line by line. */
export function formatResults(results: Results): string {
  const text = JSON.stringify(results, null, 2);
  // A line break is no part of a JSON string: what begins with one is a list, here of numbers only.
  return `${text.replace(/\[\n[^"[\]{}]*\]/g, (list) => list.replace(/\s+/g, ''))}\n`;
}
