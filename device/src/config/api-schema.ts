/** The `api` section: who may use the API, from where, and how it is reached. */

import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import * as v from 'valibot';
import { listenAddress, oneOrMore, parsed, section } from './fields.ts';
import { parseOrigin } from './origin.ts';

const secret = (what: string) => v.pipe(v.string(what), v.minLength(1, `empty; allowed: ${what}`));

const tokens = v.array(
  section(
    {
      token: secret('a token'),
      /** Patterns of stream names, `*` for any characters; undefined: all streams. */
      streams: v.exactOptional(oneOrMore('a list of stream names, in which * stands for any characters')),
    },
    'an entry with token and streams',
  ),
  'a list of tokens, each with token and streams',
);

const pem = (what: string) => v.pipe(v.string(`${what}, or the file that has it`), parsed(readPem));

export const apiSchema = v.pipe(
  section({
    listen: v.nullish(listenAddress, '127.0.0.1:1984'),
    /** Origins that may open the API beside the device's own, for `matchesOrigin`. */
    origin: v.nullish(
      v.pipe(
        oneOrMore('"*", or a list of origins such as "https://example.org"'),
        v.array(v.pipe(v.string(), parsed(parseOrigin))),
      ),
      [],
    ),
    username: v.nullish(v.string('a user name')),
    password: v.nullish(v.string('a password')),
    tokens: v.optional(tokens, []),
    tls_cert: v.nullish(pem('a certificate')),
    tls_key: v.nullish(pem('a private key')),
  }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { username, password, tlsCert: cert, tlsKey: key, ...rest } = dataset.value;
    const fail = (key: string, message: string) => {
      addIssue({ message, path: [{ type: 'object', origin: 'value', input: dataset.value, key, value: undefined }] });
      return NEVER;
    };
    const alone = findAlone({ username, password }) ?? findAlone({ tls_cert: cert, tls_key: key });
    if (alone !== undefined) {
      return fail(alone.key, alone.message);
    }
    const wrong = cert && key ? findTlsMistake(cert, key) : undefined;
    if (wrong !== undefined) {
      return fail('tls_cert', wrong);
    }
    return {
      ...rest,
      /** HTTP Basic. */
      ...(username && password ? { user: { name: username, password } } : {}),
      /** PEM. */
      ...(cert && key ? { tls: { cert, key } } : {}),
    };
  }),
);

export type AccessConfig = v.InferOutput<typeof apiSchema>;

/** Finds a key that has no meaning without the other one. An empty text counts as absent. */
function findAlone(pair: Record<string, string | null | undefined>): { key: string; message: string } | undefined {
  const present = Object.keys(pair).filter((key) => pair[key]);
  const [missing = ''] = Object.keys(pair).filter((key) => !pair[key]);
  if (present.length !== 1) {
    return undefined;
  }
  return pair[missing] === ''
    ? { key: missing, message: `empty, and api.${present[0]} is not; allowed: both, or neither` }
    : { key: present[0] as string, message: `needs api.${missing} beside it` };
}

/** Tries the certificate here, where the line is known: a wrong key would show only when a viewer comes. */
function findTlsMistake(cert: string, key: string): string | undefined {
  try {
    createSecureContext({ cert, key });
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `cannot be used with api.tls_key (${code}); allowed: a certificate and its own key, in PEM`;
  }
}

/**
 * Reads a certificate or key as go2rtc takes it: the PEM text itself, or the name of a file with it.
 * @throws {Error} which never repeats the text, since it may be a key
 */
function readPem(text: string): string {
  const isInline = text.includes('-----BEGIN ');
  const pem = isInline ? text : readPemFile(text);
  if (!/-----BEGIN [A-Z0-9 ]+-----[\s\S]+-----END [A-Z0-9 ]+-----/.test(pem)) {
    throw new Error(
      `${isInline ? 'the text' : 'the file'} is no PEM; allowed: "-----BEGIN …", or the name of such a file`,
    );
  }
  return pem;
}

function readPemFile(name: string): string {
  if (name.includes('\n')) {
    throw new Error('the text is no PEM; allowed: "-----BEGIN …", or the name of such a file');
  }
  try {
    return readFileSync(name, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`the file cannot be read (${code}); allowed: PEM text, or the name of a file that has it`);
  }
}
