import type { Strings } from '../strings.ts';
import type { Why } from '../tile-state.ts';

/** What a text may name. */
export interface Subjects {
  /** As the page wrote it; empty for the page's own origin. */
  readonly device: string;
  /** The camera's name at the device; empty for a whole wall. */
  readonly stream: string;
}

/** The device's own words that are known, of a stream that it cannot show. */
const known: [RegExp, keyof Strings][] = [
  [/stream not found/, 'streamNotFound'],
  [/too many slots/, 'tooManySlots'],
  [/codec mismatch: /, 'codecMismatch'],
];

/** Why something is not as it should be, in the words of the table; what that has no text for, in English. */
export function explain(why: Why, strings: Partial<Strings>, { device, stream }: Subjects): string {
  const [pattern, name] = termOf(why);
  const values: Record<string, string> = {
    device: device || location.origin,
    page: location.origin,
    stream,
    detail: why.detail.replace(pattern, ''),
  };
  const text = strings[name]?.replace(/\{(\w+)\}/g, (placeholder, key: string) => values[key] ?? placeholder);
  // Nothing was said.
  return text?.replace(/\s?[(（][)）]/, '') ?? why.message;
}

/** Its text in the table, and what of the device's words that text says already. */
function termOf({ reason, detail }: Why): [said: RegExp | string, name: keyof Strings] {
  if (reason === 'offline') {
    return ['', 'cameraOffline'];
  }
  if (reason === 'error' || reason === 'superseded' || reason === 'closed') {
    return known.find(([pattern]) => pattern.test(detail)) ?? ['', 'notShown'];
  }
  return ['', reason];
}
