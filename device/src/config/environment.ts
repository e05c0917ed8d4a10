import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../../src/protocol/codec.ts';
import type { Path } from './yaml-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Looks `${NAME}` up where go2rtc does: in the file's own `env` section, then in systemd's credentials (a file per name in
 * `CREDENTIALS_DIRECTORY`), then in the environment.
 */
export function lookUp(environment: Environment, own: unknown): (name: string) => string | undefined {
  const get = (record: Readonly<Record<string, unknown>>, name: string) =>
    Object.hasOwn(record, name) && typeof record[name] === 'string' ? record[name] : undefined;
  return (name) =>
    (isRecord(own) ? get(own, name) : undefined) ??
    readCredential(get(environment, 'CREDENTIALS_DIRECTORY'), name) ??
    get(environment, name);
}

function readCredential(folder: string | undefined, name: string): string | undefined {
  if (folder === undefined || !/^\w[\w.-]*$/.test(name)) {
    return undefined;
  }
  try {
    return readFileSync(join(folder, name), 'utf8').trim();
  } catch {
    return undefined;
  }
}

const variable = /\$\{([^{}:]+)(?::([^{}]*))?\}/g;

/**
 * Puts variables into the texts of a file, keys too: `${NAME}`, and `${NAME:default}`. go2rtc fills them in before it reads the
 * YAML. Here the YAML is read first, so that no character of a password means anything to it.
 * @param missing gets the place and name of a variable without a value, and returns a replacement for the whole text
 */
export function fillIn(
  value: unknown,
  find: (name: string) => string | undefined,
  missing: (path: Path, name: string, text: string) => unknown,
): unknown {
  const replace = (text: string, absent: (name: string) => unknown): unknown => {
    const names = Array.from(text.matchAll(variable), ([, name = '', otherwise]) => ({ name, otherwise }));
    const none = names.find(({ name, otherwise }) => otherwise === undefined && find(name) === undefined);
    return none === undefined
      ? text.replaceAll(variable, (_, name: string, otherwise = '') => find(name) ?? otherwise)
      : absent(none.name);
  };
  const fill = (part: unknown, path: Path): unknown => {
    if (typeof part === 'string') {
      return replace(part, (name) => missing(path, name, part));
    }
    if (Array.isArray(part)) {
      return part.map((item, index) => fill(item, [...path, index]));
    }
    return isRecord(part)
      ? Object.fromEntries(
          Object.entries(part).map(([key, item]) => [replace(key, () => key), fill(item, [...path, key])]),
        )
      : part;
  };
  return fill(value, []);
}

/**
 * Fills in lines that are nothing but a variable, at the file's left edge. go2rtc's documents add whole sections in this
 * way, so these have to be there before the YAML is read. A variable without a value leaves the line empty.
 */
export function fillInLines(text: string, find: (name: string) => string | undefined): string {
  return text.replaceAll(
    /^\$\{([^{}:\n]+)(?::([^{}\n]*))?\}(?=[ \t]*(?:#.*)?\r?$)/gm,
    (_, name: string, otherwise = '') => find(name) ?? otherwise,
  );
}
