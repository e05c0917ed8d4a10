/** Reads the configuration: go2rtc's YAML comes in, a typed value goes out, and every mistake has its line. */

import * as v from 'valibot';
import { isRecord } from '../../../src/protocol/codec.ts';
import { type Environment, fillIn, fillInLines, lookUp } from './environment.ts';
import { explain, isUnknownKey } from './fields.ts';
import { findFrigate, type PassOver, withoutForeignKeys, withoutForeignSections } from './go2rtc.ts';
import { configSchema, ownSections } from './schema.ts';
import { isForeignSource, NoSource } from './source.ts';
import { isPlaceOfSource, type StreamConfig, toStreams } from './streams.ts';
import { readText, YamlFile } from './yaml-file.ts';

type Sections = Omit<v.InferOutput<typeof configSchema>, 'streams' | 'preload'>;

export interface Config extends Sections {
  streams: StreamConfig[];
  /** `file:line` of a key, for an error that shows only when the value is used. */
  where(...path: string[]): string;
  /** A line for each part of the file that the device passes over, with its place and the reason. */
  passedOver: string[];
}

export type LogConfig = Config['log'];
export type { StreamConfig };

/** @throws {ConfigError} */
export function readConfig(file: string): Config {
  return parseConfig(readText(file), file);
}

/**
 * @param name of the file, for errors
 * @throws {ConfigError}
 */
export function parseConfig(text: string, name: string, environment: Environment = process.env): Config {
  const file = new YamlFile(fillInLines(text, lookUp(environment, undefined)), name);
  const notes: { line: number; text: string }[] = [];
  const note = (place: string, what: string) => {
    notes.push({ line: Number(/:(\d+)$/.exec(place)?.[1] ?? 0), text: `${place}: ${what}` });
  };
  const passOver: PassOver = (path, what) => note(file.where(path), what);
  if (file.secondDocument !== undefined) {
    note(file.secondDocument, 'a second document begins here, and only the first is read');
  }
  const other = findFrigate(file.value);
  if (other !== undefined) {
    file.fail('unknown-key', [other.key], other.message);
  }
  const known = withoutForeignKeys(withoutDuplicates(file, fillInVariables(file, environment, passOver)), passOver);
  const result = v.safeParse(configSchema, known, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const path = (issue.path ?? []).map(({ key }) => key);
    return isUnknownKey(issue)
      ? file.fail('unknown-key', path, `unknown key "${path.join('.')}"; allowed: ${issue.message}`)
      : file.fail('invalid-value', path, `${path.join('.') || 'the file'}: ${explain(issue)}`);
  }
  const { streams, preload, ...sections } = result.output;
  const all = toStreams(streams, preload, passOver);
  return {
    ...sections,
    streams: all,
    where: (...path) => file.where(path),
    passedOver: notes.sort((a, b) => a.line - b.line).map(({ text }) => text),
  };
}

/**
 * A key that stands twice is a mistake in sections of ours. It costs a stream alone if it is the stream's name, or one of
 * its keys; go2rtc would have no streams then.
 */
function withoutDuplicates(file: YamlFile, value: unknown): unknown {
  const doubtful = new Map<string, NoSource>();
  for (const { path, lines } of file.duplicates) {
    const [section, stream, key = 'name'] = path.map(String);
    if (section === 'streams' && stream !== undefined) {
      doubtful.set(stream, new NoSource(`the configuration has its ${key} twice, in the lines ${lines.join(' and ')}`));
    } else if (ownSections.some((name) => name === section)) {
      file.fail('not-yaml', path, `this key stands in the lines ${lines.join(' and ')}, and keys must be unique`);
    }
  }
  if (doubtful.size === 0 || !isRecord(value) || !isRecord(value.streams)) {
    return value;
  }
  const streams = Object.entries(value.streams).map(([name, stream]) => [name, doubtful.get(name) ?? stream]);
  return { ...value, streams: Object.fromEntries(streams) };
}

/**
 * A variable without a value is a mistake. In a source it costs that source alone: go2rtc, too, starts with such a file. In
 * a source that the device cannot open anyway it does not count.
 */
function fillInVariables(file: YamlFile, environment: Environment, passOver: PassOver): unknown {
  const own = (file.value as { env?: unknown }).env;
  return fillIn(withoutForeignSections(file, ownSections, passOver), lookUp(environment, own), (path, name, text) => {
    if (path[0] === 'streams' && isForeignSource(text)) {
      return text;
    }
    return isPlaceOfSource(path)
      ? new NoSource(`the environment has no ${name}`)
      : file.fail(
          'invalid-value',
          path,
          `${path.join('.')}: the environment has no ${name}; allowed: one that is set, or a default behind a colon`,
        );
  });
}
