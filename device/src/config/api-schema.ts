/** The `api` section: who may use the API, from where, and how it is reached. */

import { createPublicKey, type KeyObject } from 'node:crypto';
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

/** Bytes of a shared secret at the least: as many as the shortest signature has (RFC 7518 section 3.2). */
const shortestSecret = 32;

const keySet = v.object({ keys: v.array(v.looseObject({ kty: v.string() })) });

/** A key, or a set of keys, that verifies signed tokens. */
type VerificationKey =
  | { kind: 'secret'; secret: string }
  | { kind: 'public'; key: KeyObject }
  | { kind: 'set'; set: v.InferOutput<typeof keySet> }
  | { kind: 'url'; url: string };

const jwtKeys = {
  secret: v.pipe(
    secret('a secret that is shared with the program that signs'),
    v.check((text) => Buffer.byteLength(text) >= shortestSecret, `too short; allowed: ${shortestSecret} bytes or more`),
    v.transform((text): VerificationKey => ({ kind: 'secret', secret: text })),
  ),
  public_key: v.pipe(pem('a public key'), parsed(readPublicKey)),
  jwks: v.pipe(v.string('the address or the file of a JSON Web Key Set'), parsed(readKeySet)),
};

const jwt = v.pipe(
  section(
    {
      secret: v.exactOptional(jwtKeys.secret),
      public_key: v.exactOptional(jwtKeys.public_key),
      jwks: v.exactOptional(jwtKeys.jwks),
      issuer: v.exactOptional(v.string('the "iss" that tokens must have')),
      audience: v.exactOptional(v.string('the "aud" that tokens must have')),
    },
    'a section with secret, public_key or jwks',
  ),
  parsed(({ secret, publicKey, jwks, ...rest }) => {
    const [key, ...others] = [secret, publicKey, jwks].filter((one) => one !== undefined);
    if (key === undefined || others.length > 0) {
      throw new Error(`${key ? 'more than one key' : 'no key'}; allowed: one of ${Object.keys(jwtKeys).join(', ')}`);
    }
    return { ...rest, key };
  }),
);

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
    /** Tokens that another program signs (RFC 7519). */
    jwt: v.exactOptional(jwt),
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

function readPublicKey(text: string): VerificationKey {
  // Node makes a public key of a private one as well, which has no business here.
  if (text.includes('PRIVATE KEY')) {
    throw new Error('that is a private key; allowed: the public one that belongs to it');
  }
  try {
    return { kind: 'public', key: createPublicKey(text) };
  } catch {
    throw new Error('no key can be read from it; allowed: a public key (RSA, EC or Ed25519) or a certificate, in PEM');
  }
}

/** Reads the address or the file of a key set (RFC 7517). */
function readKeySet(text: string): VerificationKey {
  if (/^https?:/i.test(text)) {
    if (!URL.canParse(text)) {
      throw new Error('the address cannot be read; allowed: such as https://id.example.org/keys, or a file');
    }
    const { protocol, hostname } = new URL(text);
    // A man in the middle who replaces the keys could sign tokens.
    if (protocol !== 'https:' && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) {
      throw new Error('keys may not come in the clear; allowed: an https address, or http on this machine');
    }
    return { kind: 'url', url: text };
  }
  let set: unknown;
  try {
    set = JSON.parse(readFileSync(text, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`the file ${code ? `cannot be read (${code})` : 'is no JSON'}; allowed: an address, or a file`);
  }
  if (!v.is(keySet, set)) {
    throw new Error('the file is no JSON Web Key Set; allowed: an object with a list "keys"');
  }
  return { kind: 'set', set };
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
