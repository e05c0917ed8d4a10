import { createSecureContext } from 'node:tls';
import * as v from 'valibot';
import { parseListen } from './listen.ts';
import { oneOrMore, parsed, section } from './parsed.ts';
import { readPem } from './pem.ts';

/** YAML reads an unquoted 1234 as a number, and 0123 as another one. */
const secret = (what: string) => v.pipe(v.string(`${what}, in quotes`), v.minLength(1, `empty; allowed: ${what}`));

const origin = parsed((text: string) => {
  if (text === '*' || (URL.canParse(text) && new URL(text).origin === text)) {
    return text;
  }
  throw new Error(`"${text}" is not an origin; allowed: "*", or such as "https://example.org", without a path`);
});

const tokens = v.array(
  section(
    {
      token: secret('a token'),
      streams: v.exactOptional(oneOrMore('a list of stream names, in which * stands for any characters')),
    },
    'an entry with token and streams',
  ),
  'a list of tokens, each with token and streams',
);

export const apiSchema = section(
  {
    listen: v.optional(v.pipe(v.string('an address such as ":1984"'), parsed(parseListen)), '127.0.0.1:1984'),
    origin: v.optional(
      v.pipe(oneOrMore('"*", or a list of origins such as "https://example.org"'), v.array(v.pipe(v.string(), origin))),
      [],
    ),
    username: v.exactOptional(secret('a user name')),
    password: v.exactOptional(secret('a password')),
    tokens: v.optional(tokens, []),
    tls_cert: v.exactOptional(v.pipe(v.string('a certificate, or the file that has it'), parsed(readPem))),
    tls_key: v.exactOptional(v.pipe(v.string('a private key, or the file that has it'), parsed(readPem))),
  },
  'a section with keys',
);

export interface AccessToken {
  token: string;
  /** Patterns of stream names, `*` for any characters; undefined: all streams. */
  streams?: string[];
}

export interface Tls {
  /** PEM. */
  cert: string;
  key: string;
}

/** Who may use the API, from where, and how it is reached. */
export interface AccessConfig {
  /** Origins that may open the API beside the device's own; `*` is all. */
  origin: string[];
  /** HTTP Basic. */
  user?: { name: string; password: string };
  tokens: AccessToken[];
  tls?: Tls;
}

/**
 * Keys that say nothing without each other.
 * @param fail is given the key that is there, and what is wrong
 */
export function toAccess(
  { origin, username, password, tokens, tls_cert: cert, tls_key: key }: v.InferOutput<typeof apiSchema>,
  fail: (key: string, message: string) => never,
): AccessConfig {
  return {
    origin,
    tokens,
    ...pair('username', username, 'password', password, (name, secret) => ({ user: { name, password: secret } }), fail),
    ...pair('tls_cert', cert, 'tls_key', key, checkTls(fail), fail),
  };
}

/** Tried here, where the line is known: a certificate that does not fit its key would show only when someone comes in. */
function checkTls(fail: (key: string, message: string) => never): (cert: string, key: string) => { tls: Tls } {
  return (cert, key) => {
    try {
      createSecureContext({ cert, key });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return fail(
        'tls_cert',
        `cannot be used with api.tls_key (${code}); allowed: a certificate and its own key, in PEM`,
      );
    }
    return { tls: { cert, key } };
  };
}

function pair<T>(
  firstKey: string,
  first: string | undefined,
  secondKey: string,
  second: string | undefined,
  combine: (first: string, second: string) => T,
  fail: (key: string, message: string) => never,
): T | Record<string, never> {
  if (first !== undefined && second !== undefined) {
    return combine(first, second);
  }
  if (first !== undefined) {
    return fail(firstKey, `needs api.${secondKey} beside it`);
  }
  return second === undefined ? {} : fail(secondKey, `needs api.${firstKey} beside it`);
}
