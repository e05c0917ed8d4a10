import { type Document, LineCounter, parseDocument } from 'yaml';
import { ConfigError, type ConfigErrorReason } from './config-error.ts';

/** From the file's root: the names of keys, and places in lists from 0. */
export type Path = readonly unknown[];

/** A YAML text as a value, which knows the lines on which its keys stand. */
export class YamlFile {
  readonly value: unknown;
  readonly #name: string;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  /**
   * @param name of the file, for errors
   * @throws {ConfigError}
   */
  constructor(text: string, name: string) {
    this.#name = name;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, merge: true });
    const [mistake] = this.#document.errors;
    if (mistake !== undefined) {
      const several = mistake.code === 'MULTIPLE_DOCS';
      const what = several ? 'a second document begins here; allowed: one' : `not valid YAML: ${mistake.message}`;
      throw new ConfigError('not-yaml', this.#place(mistake.pos[0]), what);
    }
    try {
      // Aliases are resolved only here, so a wrong one is found only here.
      this.value = this.#document.toJS() ?? {};
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

  /** @throws {ConfigError} always */
  fail(reason: ConfigErrorReason, path: Path, message: string): never {
    throw new ConfigError(reason, this.where(path), message);
  }

  #place(offset: number | undefined): string {
    return offset === undefined ? this.#name : `${this.#name}:${this.#lines.linePos(offset).line}`;
  }
}

function keyOffset(parent: unknown, key: unknown): number | undefined {
  const items = (parent as { items?: readonly unknown[] } | null)?.items ?? [];
  if (typeof key === 'number') {
    return (items[key] as { range?: number[] } | undefined)?.range?.[0];
  }
  const pair = items.find((item) => String((item as { key?: unknown }).key) === key);
  return (pair as { key: { range?: number[] } } | undefined)?.key.range?.[0];
}
