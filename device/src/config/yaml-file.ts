/** The text of a configuration file: its encoding, its YAML, and the line of each key. */

import { closeSync, openSync, readSync } from 'node:fs';
import { type Document, isAlias, isCollection, isNode, isPair, LineCounter, parseDocument, visit } from 'yaml';
import { ConfigError, type ConfigErrorReason } from './config-error.ts';

/** From the file's root: the names of keys, and places in lists from 0. */
export type Path = readonly unknown[];

/** Bytes. A thousand cameras with their variants need 0.2 MB. */
const longestFile = 1024 * 1024;
/** An alias counts as what it refers to: with aliases of aliases, a few lines can stand for billions of values. */
const mostValues = 100_000;
const deepest = 32;

/** @throws {ConfigError} `unreadable`: absent, too long, or in an encoding that cannot be told for sure */
export function readText(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readBytes(file);
  } catch (error) {
    throw new ConfigError('unreadable', file, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (bytes.length > longestFile) {
    throw new ConfigError('unreadable', file, `too long; allowed: up to ${longestFile / 1024 / 1024} MiB`);
  }
  return decode(bytes, file);
}

/** Reads one byte more than the limit at the most: the file may be a pipe, or a device without an end. */
function readBytes(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(longestFile + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Decodes UTF-8, or UTF-16 as some editors of Windows write it. Without a byte order mark, the zero bytes of the first
 * character tell UTF-16 (YAML 1.2.2, section 5.2).
 */
function decode(bytes: Buffer, file: string): string {
  const [first, second, third, fourth] = bytes;
  const refuse = (place: string, what: string): never => {
    throw new ConfigError('unreadable', place, `${what}; allowed: UTF-8`);
  };
  if ((first === 0xff && second === 0xfe && third === 0 && fourth === 0) || (first === 0 && second === 0)) {
    refuse(file, 'the text is UTF-32');
  }
  const little = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0);
  const big = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  const encoding = little ? 'utf-16le' : big ? 'utf-16be' : 'utf-8';
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    if (encoding !== 'utf-8') {
      return refuse(file, 'the text is broken UTF-16');
    }
    const { line, byte } = findInvalid(bytes);
    return refuse(
      `${file}:${line}`,
      `the byte 0x${byte.toString(16).toUpperCase()} is not UTF-8, as in a file saved as Latin-1 or Windows-1252`,
    );
  }
  return text.includes('\0') ? refuse(file, 'the file is not a text') : text;
}

/** The first line, from 1, that is not UTF-8, and the first byte in it that is not ASCII. */
function findInvalid(bytes: Buffer): { line: number; byte: number } {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    const part = bytes.subarray(start, end);
    if (part.toString('utf8').includes('\ufffd')) {
      return { line, byte: part.find((byte) => byte > 0x7f) as number };
    }
    start = end;
  }
  return { line, byte: 0 };
}

interface Duplicate {
  path: Path;
  /** The lines in which the key stands, counted from 1. */
  lines: [number, number];
}

/**
 * A YAML text as a value that knows the lines of its keys.
 *
 * Every scalar is text as it is written, keys too: `01` and `1.0` are names, and `0123` may be a password. Only where no
 * value or `null` stands is the value null.
 */
export class YamlFile {
  readonly value: unknown;
  /** `file:line` of a second document, which go2rtc does not read either. */
  readonly secondDocument: string | undefined;
  /** Keys that stand above in the same section already. In `value`, the last one counts. */
  readonly duplicates: readonly Duplicate[];
  readonly #name: string;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  /**
   * @param name of the file, for errors
   * @throws {ConfigError}
   */
  constructor(text: string, name: string) {
    this.#name = name;
    // The library takes a lone carriage return for a part of the text.
    this.#document = parseDocument(text.replaceAll(/\r\n?/g, '\n'), {
      lineCounter: this.#lines,
      prettyErrors: false,
      schema: 'failsafe',
      // The library's own check compares each key with each other one, and its error would be the whole file's.
      uniqueKeys: false,
      resolveKnownTags: false,
      merge: true,
      // A warning would go to standard error, past the log.
      logLevel: 'error',
    });
    const second = this.#document.errors.find(({ code }) => code === 'MULTIPLE_DOCS');
    this.secondDocument = second && this.#place(second.pos[0]);
    const mistake = this.#document.errors.find((error) => error !== second);
    if (mistake !== undefined) {
      throw new ConfigError('not-yaml', this.#place(mistake.pos[0]), explain(mistake));
    }
    visit(this.#document, {
      Scalar: (role, node) => {
        if (role !== 'key' && node.type === 'PLAIN' && /^(~|null|)$/i.test(node.value as string)) {
          node.value = null;
        }
      },
    });
    this.#checkSize();
    this.duplicates = this.#findDuplicates(this.#document.contents, []);
    try {
      // The library resolves aliases only here, so that it finds a wrong one only here.
      this.value = this.#document.toJS({ maxAliasCount: -1 }) ?? {};
    } catch (error) {
      throw new ConfigError('not-yaml', name, `not valid YAML: ${(error as Error).message}`);
    }
  }

  /** `file:line` of a key; if it is absent, of the section that it is missing from. */
  where(path: Path): string {
    for (let length = path.length; length > 0; length--) {
      const parent = this.#document.getIn(path.slice(0, length - 1), true) ?? this.#document.contents;
      const offset = keyOffset(parent, path[length - 1]);
      if (offset !== undefined) {
        return this.#place(offset);
      }
    }
    return this.#place(this.#document.contents?.range?.[0]);
  }

  /** Whether aliases can refer to a value. */
  hasAnchor(path: Path): boolean {
    const node = this.#document.getIn(path, true);
    return isNode(node) && !isAlias(node) && node.anchor !== undefined;
  }

  /** @throws {ConfigError} always */
  fail(reason: ConfigErrorReason, path: Path, message: string): never {
    throw new ConfigError(reason, this.where(path), message);
  }

  /** An alias counts as what it refers to, since every reader of the value meets it there. */
  #checkSize(): void {
    const anchors = new Map<string, number>();
    const refuse = (node: unknown, what: string): never => {
      throw new ConfigError('not-yaml', this.#place(isNode(node) ? node.range?.[0] : undefined), what);
    };
    const measure = (node: unknown, depth: number): number => {
      if (depth > deepest) {
        return refuse(node, tooLarge(`${deepest} levels`));
      }
      if (isAlias(node)) {
        const { source } = node;
        return anchors.get(source) ?? refuse(node, `*${source} refers to nothing: no &${source} stands above it`);
      }
      const anchor = isNode(node) ? node.anchor : undefined;
      if (anchor !== undefined) {
        // Until it is measured, an alias of it is one of itself.
        anchors.set(anchor, Number.POSITIVE_INFINITY);
      }
      const parts = isCollection(node) ? node.items : isPair(node) ? [node.key, node.value] : [];
      const level = isCollection(node) ? depth + 1 : depth;
      const size = parts.reduce<number>((sum, part) => sum + measure(part, level), 1);
      if (size > mostValues) {
        return refuse(node, tooLarge(`${mostValues} values, with what aliases refer to`));
      }
      if (anchor !== undefined) {
        anchors.set(anchor, size);
      }
      return size;
    };
    measure(this.#document.contents, 0);
  }

  #findDuplicates(node: unknown, path: Path): Duplicate[] {
    if (!isCollection(node)) {
      return [];
    }
    const lines = new Map<string, number>();
    return node.items.flatMap((item, index) => {
      if (!isPair(item)) {
        return this.#findDuplicates(item, [...path, index]);
      }
      const name = String(item.key);
      const below = [...path, name];
      const line = this.#lines.linePos((item.key as { range?: number[] } | null)?.range?.[0] ?? 0).line;
      const above = lines.get(name);
      lines.set(name, line);
      // A section may merge several others.
      const double: Duplicate[] = above === undefined || name === '<<' ? [] : [{ path: below, lines: [above, line] }];
      return [...double, ...this.#findDuplicates(item.value, below)];
    });
  }

  #place(offset: number | undefined): string {
    return offset === undefined ? this.#name : `${this.#name}:${this.#lines.linePos(offset).line}`;
  }
}

function tooLarge(limit: string): string {
  return `the file is too large for a configuration; allowed: ${limit}`;
}

function explain({ code, message }: { code: string; message: string }): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'not valid YAML: a line is indented with a tab; allowed: spaces';
    case 'RESOURCE_EXHAUSTION':
      return tooLarge(`${deepest} levels`);
    default:
      return `not valid YAML: ${message}`;
  }
}

function keyOffset(parent: unknown, key: unknown): number | undefined {
  const items = (parent as { items?: readonly unknown[] } | null)?.items ?? [];
  if (typeof key === 'number') {
    return (items[key] as { range?: number[] } | undefined)?.range?.[0];
  }
  const pair = items.find((item) => String((item as { key?: unknown }).key) === key);
  return (pair as { key?: { range?: number[] } | null } | undefined)?.key?.range?.[0];
}
