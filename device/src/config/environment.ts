import { isRecord } from '../../../src/protocol/codec.ts';
import type { Path } from './yaml-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts variables of the environment into the texts of a file, as go2rtc does: `${NAME}`, and `${NAME:default}`. Here the
 * file was read before, so that whatever stands in a password means nothing to YAML.
 * @param fail is told where a variable stands that is not set
 */
export function fillIn(
  value: unknown,
  environment: Environment,
  fail: (path: Path, message: string) => never,
): unknown {
  const fill = (part: unknown, path: Path): unknown => {
    if (typeof part === 'string') {
      return part.replaceAll(/\$\{([^{}:]+)(?::([^{}]*))?\}/g, (_, name: string, otherwise?: string) => {
        const found = environment[name] ?? otherwise;
        return (
          found ??
          fail(
            path,
            `${path.join('.')}: the environment has no ${name}; allowed: one that is set, or a default behind a colon`,
          )
        );
      });
    }
    if (Array.isArray(part)) {
      return part.map((item, index) => fill(item, [...path, index]));
    }
    return isRecord(part)
      ? Object.fromEntries(Object.entries(part).map(([key, item]) => [key, fill(item, [...path, key])]))
      : part;
  };
  return fill(value, []);
}
