/** The device's configuration: go2rtc's YAML in, a typed value out, every mistake with its line. */

import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { isRecord } from '../../../src/protocol/codec.ts';
import { type AccessConfig, toAccess } from './api-schema.ts';
import { ConfigError, type ConfigErrorReason } from './config-error.ts';
import type { ListenAddress } from './listen.ts';
import type { LogConfig } from './log-schema.ts';
import { type StaticCandidate, toGopLimits } from './media-schema.ts';
import { configSchema, foreignSections } from './schema.ts';
import { type StreamConfig, toStreamConfig } from './stream-config.ts';
import { findVariantMistake } from './variants.ts';

export interface Config {
  api: AccessConfig & { listen: ListenAddress };
  webrtc: {
    /** UDP, one port for all viewers; with port 0, a free one for each. */
    listen: ListenAddress;
    /** Addresses that are told to viewers beside those that the machine itself has. */
    candidates: StaticCandidate[];
    iceServers: { urls: string[]; username?: string; credential?: string }[];
  };
  multistream: {
    maxSlots: number;
    /** WebSockets at a time. */
    maxSessions: number;
    /** How long a stream stays warm after its last viewer, in milliseconds. */
    linger: number;
    /** What a stream keeps for those who join it. */
    gop: { units: number; bytes: number };
    /** Whether a viewer whose link is too thin gets smaller variants. */
    adaptive: boolean;
  };
  streams: StreamConfig[];
  log: LogConfig;
  /** Whether a change of the file is applied as it is written. */
  watch: boolean;
  /** `file:line` of a key, for an error that shows only when the value is used. */
  where(...path: string[]): string;
  /** Sections that were passed over, since they are go2rtc's alone. */
  ignored: string[];
}

export type { StreamConfig };

type Path = readonly unknown[];

/** @throws {ConfigError} */
export function readConfig(file: string): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError('unreadable', file, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return parseConfig(text, file);
}

/**
 * @param file named in errors only
 * @throws {ConfigError}
 */
export function parseConfig(text: string, file: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number | undefined) => (offset === undefined ? file : `${file}:${lines.linePos(offset).line}`);
  const fail = (reason: ConfigErrorReason, offset: number | undefined, message: string): never => {
    throw new ConfigError(reason, place(offset), message);
  };
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    fail('not-yaml', mistake.pos[0], `not valid YAML: ${mistake.message}`);
  }

  const [known, ignored] = splitSections(toValue(document, (message) => fail('not-yaml', undefined, message)) ?? {});
  const result = v.safeParse(configSchema, known, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const path = (issue.path ?? []).map(({ key }) => key);
    const unknown = issue.type === 'strict_object' && issue.expected === 'never';
    return unknown
      ? fail('unknown-key', offsetOf(document, path), `unknown key "${path.join('.')}"; allowed: ${issue.message}`)
      : fail('invalid-value', offsetOf(document, path), `${path.join('.') || 'the file'}: ${explain(issue)}`);
  }

  const { api, webrtc, multistream, streams, preload, log, watch } = result.output;
  const named = Object.entries(streams).map(([name, entry]) => {
    try {
      return toStreamConfig(name, { ...entry, preload: entry.preload || preload.includes(name) });
    } catch (error) {
      return fail(
        'invalid-value',
        offsetOf(document, ['streams', name]),
        `streams.${name}: ${(error as Error).message}`,
      );
    }
  });
  const absent = preload.find((name) => !Object.hasOwn(streams, name));
  if (absent !== undefined) {
    fail('invalid-value', offsetOf(document, ['preload', absent]), `preload: there is no stream "${absent}"`);
  }
  const variant = findVariantMistake(named);
  if (variant !== null) {
    fail('invalid-value', offsetOf(document, ['streams', variant.name]), `streams.${variant.name}: ${variant.message}`);
  }
  return {
    api: {
      listen: api.listen,
      ...toAccess(api, (key, message) =>
        fail('invalid-value', offsetOf(document, ['api', key]), `api.${key}: ${message}`),
      ),
    },
    webrtc: { listen: webrtc.listen, candidates: webrtc.candidates, iceServers: webrtc.ice_servers },
    multistream: {
      maxSlots: multistream.max_slots,
      maxSessions: multistream.max_sessions,
      linger: multistream.linger,
      gop: toGopLimits(multistream),
      adaptive: multistream.adaptive,
    },
    streams: named,
    log,
    watch,
    where: (...path) => place(offsetOf(document, path)),
    ignored,
  };
}

/** Aliases are resolved only here, so a wrong one is found only here. */
function toValue(document: Document.Parsed, fail: (message: string) => never): unknown {
  try {
    return document.toJS();
  } catch (error) {
    return fail(`not valid YAML: ${(error as Error).message}`);
  }
}

function splitSections(file: unknown): [known: unknown, ignored: string[]] {
  if (!isRecord(file)) {
    return [file, []];
  }
  const ignored = Object.keys(file).filter((section) => foreignSections.has(section));
  return [Object.fromEntries(Object.entries(file).filter(([section]) => !foreignSections.has(section))), ignored];
}

/** A schema's own message says what is wrong; a type's says only what is allowed. The value itself may be a password. */
function explain(issue: v.BaseIssue<unknown>): string {
  return issue.kind === 'schema' ? `not ${kindOf(issue.input)}; allowed: ${issue.message}` : issue.message;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return 'nothing';
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  return (
    { object: 'a section', string: 'this text', number: 'a number' }[typeof value as string] ?? `a ${typeof value}`
  );
}

/** Where the key that a path ends in stands in the text; if it is absent, the section it is missing from. */
function offsetOf(document: Document.Parsed, path: Path): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const offset = keyOffset(parent, path[length - 1]);
    if (offset !== undefined) {
      return offset;
    }
  }
  return document.contents?.range?.[0];
}

function keyOffset(parent: unknown, key: unknown): number | undefined {
  const items = (parent as { items?: readonly unknown[] } | null)?.items ?? [];
  if (typeof key === 'number') {
    return (items[key] as { range?: number[] } | undefined)?.range?.[0];
  }
  const pair = items.find((item) => String((item as { key?: unknown }).key) === key);
  return (pair as { key: { range?: number[] } } | undefined)?.key.range?.[0];
}
