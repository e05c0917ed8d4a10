/**
 * Building blocks of the schema. The file's scalars arrive as text (`YamlFile`), so that numbers and flags are read here,
 * with the same words for the same mistake.
 */

import * as v from 'valibot';
import { isRecord } from '../../../src/protocol/codec.ts';

/** Reads a value with a function; the message of an error that it throws becomes the issue's. */
export function parsed<I, O>(parse: (value: I) => O) {
  return v.rawTransform<I, O>(({ dataset, addIssue, NEVER }) => {
    try {
      return parse(dataset.value);
    } catch (error) {
      addIssue({ message: (error as Error).message });
      return NEVER;
    }
  });
}

type CamelCase<K> = K extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : K;
type CamelKeys<T> = { [K in keyof T as CamelCase<K>]: T[K] } & unknown;

function camelKeys<T extends object>(value: T): CamelKeys<T> {
  const camel = (key: string) => key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [camel(key), item])) as CamelKeys<T>;
}

/**
 * A section of the file: its keys and no others. `max_slots` in the file is `maxSlots` in the program. The issue of an
 * unknown key lists those that are allowed.
 */
export function section<const E extends v.ObjectEntries>(entries: E, what = 'a section with keys') {
  return v.pipe(
    v.custom<Record<string, unknown>>(isRecord, what),
    v.strictObject(entries, ({ expected }) => (expected === 'never' ? Object.keys(entries).join(', ') : what)),
    v.transform(camelKeys),
  );
}

/**
 * A section whose keys are names of the file's choosing, such as streams. Valibot's own record leaves some names out:
 * `constructor`, `__proto__`.
 */
export function byName<T>(entry: v.GenericSchema<unknown, T>, what: string) {
  return v.pipe(
    v.custom<Record<string, unknown>>(isRecord, what),
    v.rawTransform<Record<string, unknown>, Map<string, T>>(({ dataset, addIssue, NEVER }) => {
      const entries = new Map<string, T>();
      for (const [key, value] of Object.entries(dataset.value)) {
        const result = v.safeParse(entry, value, { abortEarly: true });
        if (!result.success) {
          const [issue] = result.issues;
          const place = { type: 'object', origin: 'value', input: dataset.value, key, value } as const;
          addIssue({
            message: explain(issue),
            ...(issue.expected === null ? {} : { expected: issue.expected }),
            path: [place, ...(issue.path ?? [])] as [v.IssuePathItem],
          });
          return NEVER;
        }
        entries.set(key, result.output);
      }
      return entries;
    }),
  );
}

export function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.expected === 'never';
}

/** A schema's own message says what is wrong; a type's says only what is allowed. The value itself may be a password. */
export function explain(issue: v.BaseIssue<unknown>): string {
  return issue.kind === 'schema' && !isUnknownKey(issue)
    ? `not ${kindOf(issue.input)}; allowed: ${issue.message}`
    : issue.message;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return 'nothing';
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  return typeof value === 'object' ? 'a section' : 'this text';
}

/** One text or a list of them, as a list. */
export function oneOrMore(what: string) {
  return v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === 'string' ? [value] : value)),
    v.array(v.string(what), what),
  );
}

/** `true` and `false`, and the other words for them that go2rtc's YAML reader takes (YAML 1.1). */
const flags = new Map(
  Object.entries({ true: true, yes: true, on: true, false: false, no: false, off: false } satisfies Record<
    string,
    boolean
  >),
);

export const flag = v.pipe(
  v.string('true or false'),
  parsed((text) => {
    const value = flags.get(text.toLowerCase());
    if (value === undefined) {
      throw new Error(`"${text}"; allowed: true or false`);
    }
    return value;
  }),
);

export function whole(least: number, most: number) {
  const allowed = `a whole number from ${least} to ${most}`;
  return v.pipe(
    v.string(allowed),
    parsed((text) => {
      const number = Number(text);
      if (!/^\d+$/.test(text) || number < least || number > most) {
        throw new Error(`"${text}"; allowed: ${allowed}`);
      }
      return number;
    }),
  );
}

const units = new Map(Object.entries({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 }));
const longest = 24 * 3_600_000;

/** `10s`, `500ms`, `2m`; a bare number is seconds. In milliseconds, at most 24 hours: Node's timers end after 24 days. */
export const duration = v.pipe(
  v.string('a time such as 10s, 500ms or 2m'),
  parsed((text) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
    if (match === null) {
      throw new Error(`"${text}" is not a time; allowed: such as 10s, 500ms or 2m`);
    }
    const milliseconds = Number(match[1]) * (units.get(match[2] ?? 's') as number);
    if (milliseconds > longest) {
      throw new Error(`"${text}" is too long; allowed: up to 24h`);
    }
    return milliseconds;
  }),
);

export interface ListenAddress {
  /** Undefined: every address of the machine. */
  host?: string;
  /** 0: a free port, chosen by the system. */
  port: number;
}

/** `:1984`, `127.0.0.1:1984` or `[::1]:1984`. */
export const listenAddress = v.pipe(v.string('an address such as ":1984"'), parsed(readAddress));

export interface MediaAddress extends ListenAddress {
  /** Absent: both, on the same port number. */
  transport?: 'udp' | 'tcp';
}

/** The same with `/udp` or `/tcp` behind it, as go2rtc writes it. */
export const mediaAddress = v.pipe(
  v.string('an address such as ":8555"'),
  parsed((text): MediaAddress => {
    const [, address = text, transport] = /^(.*)\/(udp|tcp)$/.exec(text) ?? [];
    const read = readAddress(address);
    if (transport === 'tcp' && read.port === 0) {
      throw new Error(`"${text}" is not an address; allowed for TCP: a port, such as ":8555/tcp"`);
    }
    return transport === undefined ? read : { ...read, transport: transport as 'udp' | 'tcp' };
  }),
);

function readAddress(text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new Error(`"${text}" is not an address; allowed: ":1984", "127.0.0.1:1984", "[::1]:1984"`);
  }
  const host = match[1] ?? match[2];
  return host ? { host, port } : { port };
}
