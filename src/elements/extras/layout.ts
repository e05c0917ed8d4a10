import type { TourPlan } from './tours.ts';

/**
 * How a wall is arranged, as plain JSON. A tile goes by its `id`, or else by its stream, in a tour by the stream that it had before; further
 * tiles of a name go by `name#2` and so on, and a tile that had no stream before its tour by its number among those, `#1`.
 */
export interface WallLayout {
  /** The tiles, in the order of their places. */
  order: string[];
  /** The tile that is shown large; null for none. */
  spotlight: string | null;
  /** The quality that each tile asks for. */
  qualities: Record<string, string>;
  /** The tour through all tiles; null for none. */
  tour: TourPlan | null;
  /** The tours of single tiles. */
  tours: Record<string, TourPlan>;
}

/** Entries that a list or a record of a layout may have. */
const most = 1000;
/** Characters of a layout that comes as text. */
const mostText = 100_000;

/** Reads a value of a layout; `path` is its name in errors. */
type Read<T> = (path: string, value: unknown) => T;

/**
 * Reads a layout, or a part of one: an object, or its JSON.
 * @throws {TypeError} It is neither; the message names what is wrong in it.
 */
export function decodeLayout(value: unknown): Partial<WallLayout> {
  const layout = record('layout', typeof value === 'string' ? parse(value) : value);
  const readers = {
    order: list('names', text),
    spotlight: orNull(text),
    qualities: byName(text),
    tour: orNull(plan),
    tours: byName(plan),
  };
  return Object.fromEntries(
    Object.entries(readers).flatMap(([key, read]) =>
      layout[key] === undefined ? [] : [[key, read(`layout.${key}`, layout[key])]],
    ),
  );
}

function parse(value: string): unknown {
  bounded('layout', value.length, mostText, 'characters');
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new TypeError(`layout is not JSON: ${(error as Error).message}`);
  }
}

function plan(path: string, value: unknown): TourPlan {
  const { streams, dwell } = record(path, value) as { streams: unknown; dwell?: number };
  check(dwell === undefined || (Number(dwell) === dwell && dwell > 0), `${path}.dwell`, dwell, 'a number of seconds');
  return {
    streams: list('streams', stop)(`${path}.streams`, streams),
    ...(dwell !== undefined && { dwell }),
  };
}

function stop(path: string, value: unknown): TourPlan['streams'][number] {
  if (typeof value === 'string') {
    return value;
  }
  const { stream, label } = record(path, value);
  return {
    stream: text(`${path}.stream`, stream),
    ...(label !== undefined && { label: text(`${path}.label`, label) }),
  };
}

function text(path: string, value: unknown): string {
  check(typeof value === 'string', path, value, 'a text');
  return value as string;
}

function orNull<T>(read: Read<T>): Read<T | null> {
  return (path, value) => (value === null ? null : read(path, value));
}

function byName<T>(read: Read<T>): Read<Record<string, T>> {
  return (path, value) =>
    Object.fromEntries(
      Object.entries(record(path, value)).map(([name, entry]) => [name, read(`${path}.${name}`, entry)]),
    );
}

function list<T>(noun: string, read: Read<T>): Read<T[]> {
  return (path, value) => {
    check(Array.isArray(value), path, value, `a list of ${noun}`);
    const entries = value as unknown[];
    bounded(path, entries.length);
    return entries.map((entry, i) => read(`${path}[${i}]`, entry));
  };
}

function record(path: string, value: unknown): Record<string, unknown> {
  check(typeof value === 'object' && value !== null && !Array.isArray(value), path, value, 'an object');
  bounded(path, Object.keys(value as object).length);
  return value as Record<string, unknown>;
}

function check(isRight: boolean, path: string, value: unknown, noun: string): void {
  if (!isRight) {
    throw new TypeError(`${path} has to be ${noun}, and is ${JSON.stringify(value)}`);
  }
}

function bounded(path: string, length: number, limit = most, noun = 'entries'): void {
  if (length > limit) {
    throw new TypeError(`${path} has ${length} ${noun}, and may have ${limit}`);
  }
}
