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
      throw new Error(`unknown parameter "#${key}"; allowed here: ${known}`);
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
