/**
 * `head#key=value#key` as go2rtc writes it.
 * @throws {Error} that names the allowed keys
 */
export function splitParams<K extends string>(
  text: string,
  keys: readonly K[],
): { head: string; params: Partial<Record<K, string>> } {
  const [head = '', ...rest] = text.split('#');
  const params: Partial<Record<K, string>> = {};
  for (const param of rest) {
    const [key = '', ...value] = param.split('=');
    if (!(keys as readonly string[]).includes(key)) {
      const known = keys.length === 0 ? 'none' : keys.map((name) => `#${name}`).join(', ');
      // It may be the rest of a password, which ends with an "@".
      const which = rest.some((text) => text.includes('@')) ? 'an unknown parameter' : `unknown parameter "#${key}"`;
      throw new Error(`${which}; allowed here: ${known}; a "#" that is part of a password is written %23`);
    }
    params[key as K] = value.join('=');
  }
  return { head, params };
}

/** @throws {Error} that names the range */
export function wholeNumber(text: string, what: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new Error(`${what}=${text}; allowed: a whole number from ${least} to ${most}`);
  }
  return number;
}
