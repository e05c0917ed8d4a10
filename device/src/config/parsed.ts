import * as v from 'valibot';

/** A value that a function of ours reads; what the function throws is the issue's message. */
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

/** A section of the file: its keys and no others. An unknown one is answered with those that are allowed. */
export function section<const E extends v.ObjectEntries>(entries: E, what = 'a section with keys') {
  return v.strictObject(entries, ({ expected }) => (expected === 'never' ? Object.keys(entries).join(', ') : what));
}

/** One text or a list of them, as a list. */
export function oneOrMore(what: string) {
  const list = v.array(v.pipe(v.unknown(), v.transform(asText), v.string(what)), what);
  return v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === 'string' ? [value] : value)),
    list,
  );
}

/** YAML reads a name of digits as a number. */
function asText(value: unknown): unknown {
  return typeof value === 'number' ? String(value) : value;
}

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `10s`, `500ms`, `2m`; a bare number is seconds. In milliseconds. */
export const duration = v.pipe(
  v.union([v.string(), v.number()], 'a time such as 10s, 500ms or 2m'),
  parsed((value) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(String(value));
    if (match === null) {
      throw new Error(`"${value}" is not a time; allowed: such as 10s, 500ms or 2m`);
    }
    return Number(match[1]) * (units[match[2] ?? 's'] as number);
  }),
  // Node's timers end after 24 days.
  v.maxValue(24 * 3_600_000, 'too long; allowed: up to 24h'),
);
