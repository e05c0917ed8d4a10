/** The `#key=value` parameters behind a source, as go2rtc writes them. */

/** go2rtc reads it, or another program does, and this device has nothing like it: the rest of the file counts. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}

/** Parameters of go2rtc that mean nothing here, and must not be taken for a typing error in one of ours. */
const foreign = [
  ...['afilter', 'async', 'backchannel', 'drawtext', 'gop_size', 'header', 'input', 'media', 'pkt_size', 'query'],
  ...['raw', 'rotate', 'tcp', 'timeout', 'udp'],
];

export interface Params<K extends string> {
  head: string;
  /** The first value where a key stands twice. */
  params: Partial<Record<K, string>>;
  /** Keys that are not ours, as they may be shown. */
  ignored: string[];
}

/**
 * Splits `head#key=value#key`. go2rtc passes over keys that it does not know, and so does this.
 * @throws {Error} where a key is most likely a typing error in one of ours
 * @throws {Unsupported} where it is most likely the rest of a password, so that the address is cut off
 */
export function splitParams<K extends string>(text: string, keys: readonly K[]): Params<K> {
  const [head = '', ...rest] = text.split('#');
  const found = new Map<K, string>();
  const ignored: string[] = [];
  for (const param of rest.filter((text) => text !== '')) {
    const [name = '', ...value] = param.split('=');
    const key = keys.find((known) => known === name);
    if (key !== undefined) {
      found.set(key, found.get(key) ?? value.join('='));
    } else if (foreign.includes(name)) {
      ignored.push(`#${name}`);
    } else if (param.includes('@')) {
      throw new Unsupported(
        `an unknown parameter; allowed here: ${list(keys)}; a "#" that is part of a password is written %23`,
      );
    } else {
      const meant = keys.find((known) => isTypingErrorOf(known, name));
      if (meant !== undefined) {
        throw new Error(`unknown parameter "#${name}", probably #${meant}; allowed here: ${list(keys)}`);
      }
      ignored.push(/^[\w/.-]{1,20}$/.test(name) ? `#${name}` : 'an unknown parameter');
    }
  }
  return { head, params: Object.fromEntries(found) as Partial<Record<K, string>>, ignored };
}

function list(keys: readonly string[]): string {
  return keys.length === 0 ? 'none' : keys.map((name) => `#${name}`).join(', ');
}

/** One slip of the fingers, or two in a longer word: a letter too many, too few, wrong, or in its neighbour's place. */
export function isTypingErrorOf(word: string, text: string): boolean {
  const most = word.length > 4 ? 2 : 1;
  if (Math.abs(word.length - text.length) > most) {
    return false;
  }
  // The optimal string alignment distance, a row per letter of the word.
  const given = text.toLowerCase();
  let before: number[] = [];
  let above = Array.from({ length: given.length + 1 }, (_, column) => column);
  for (let row = 1; row <= word.length; row++) {
    const present = [row];
    for (let column = 1; column <= given.length; column++) {
      const isSame = word[row - 1] === given[column - 1];
      const isSwapped =
        row > 1 && column > 1 && word[row - 1] === given[column - 2] && word[row - 2] === given[column - 1];
      present[column] = Math.min(
        (above[column] as number) + 1,
        (present[column - 1] as number) + 1,
        (above[column - 1] as number) + (isSame ? 0 : 1),
        isSwapped ? (before[column - 2] as number) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = above;
    above = present;
  }
  return (above[given.length] as number) <= most;
}

/** @throws {Error} that names the range */
export function wholeNumber(text: string, what: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new Error(`${what}=${text}; allowed: a whole number from ${least} to ${most}`);
  }
  return number;
}
