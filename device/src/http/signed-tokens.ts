import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import * as v from 'valibot';
import type { AccessConfig } from '../config/api-schema.ts';

type SignedTokensConfig = NonNullable<AccessConfig['jwt']>;

/** Shared keys verify HMAC alone, and public keys never do: every holder of a public key could sign with it. */
const symmetric = ['HS256', 'HS384', 'HS512'];
const asymmetric = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Seconds by which the clocks of the device and of the token's issuer may differ. */
const clockTolerance = 5;
/** Milliseconds that a key server may take, and that it is left alone after an answer. */
const keyServer = { timeoutDuration: 5000, cooldownDuration: 30_000 };
/** Milliseconds between two questions, even if the first brought no keys: anyone can send a token that names an unknown one. */
const leastPause = 1000;
/** Bytes of a key set; a key has less than one thousand. */
const longestKeySet = 256 * 1024;

/** The last second that a date can name (ECMA-262 section 21.4.1.1), less the tolerance: later ends count as this one. */
const latest = 8.64e12 - clockTolerance;

/** Patterns in a token at the most. */
const mostPatterns = 256;
const claims = v.object({
  /** Seconds since 1970 (RFC 7519 section 2). */
  exp: v.pipe(
    v.number(),
    v.finite(),
    v.transform((exp) => Math.min(exp, latest)),
  ),
  streams: v.pipe(
    v.union([v.string(), v.array(v.string())]),
    v.transform((streams) => (typeof streams === 'string' ? [streams] : streams)),
    v.maxLength(mostPatterns),
  ),
});

/** The rights that a valid token grants. */
export interface Grant {
  /** Patterns of stream names. */
  streams: readonly string[];
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Why a token is not taken; for its sender. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** Reads JSON Web Tokens (RFC 7519) that another program has signed: which streams their holder may see, and for how long. */
export class SignedTokens {
  readonly #key: Uint8Array | JWTVerifyGetKey;
  readonly #options: JWTVerifyOptions;

  constructor({ key, issuer, audience }: SignedTokensConfig) {
    this.#key = keyOf(key);
    this.#options = {
      algorithms: key.kind === 'secret' ? symmetric : asymmetric,
      requiredClaims: ['exp', 'streams'],
      clockTolerance,
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    };
  }

  /** @throws {TokenError} */
  async read(token: string): Promise<Grant> {
    try {
      // One call for both kinds of key, which the library's types tell apart.
      const { payload } = await jwtVerify(token, this.#key as JWTVerifyGetKey, this.#options);
      const { exp, streams } = v.parse(claims, payload);
      return { streams, expiresAt: (exp + clockTolerance) * 1000 };
    } catch (error) {
      throw new TokenError(reasonOf(error), { cause: error });
    }
  }
}

function keyOf(key: SignedTokensConfig['key']): Uint8Array | JWTVerifyGetKey {
  switch (key.kind) {
    case 'secret':
      return new TextEncoder().encode(key.secret);
    case 'public':
      return async () => key.key;
    case 'set':
      return createLocalJWKSet(key.set);
    case 'url':
      return askedOf(createRemoteJWKSet(new URL(key.url), { ...keyServer, [customFetch]: askRarely(fetchKeys) }));
  }
}

/** Fails without asking for a while after each question. */
function askRarely(ask: typeof fetchKeys): typeof fetchKeys {
  let askedAt = Number.NEGATIVE_INFINITY;
  return async (url, options) => {
    if (performance.now() - askedAt < leastPause) {
      throw new Error('the key server was asked a moment ago');
    }
    try {
      return await ask(url, options);
    } finally {
      askedAt = performance.now();
    }
  };
}

/** @throws {Error} where the answer has more bytes than a key set */
async function fetchKeys(url: string, options: RequestInit): Promise<Response> {
  const answer = await fetch(url, options);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body ?? []) {
    length += part.length;
    if (length > longestKeySet) {
      // To throw ends the reading, and with it the connection.
      throw new Error(`the key set is longer than ${longestKeySet} bytes`);
    }
    parts.push(part);
  }
  return new Response(Buffer.concat(parts), { status: answer.status });
}

/** Keeps apart what a token does wrong and what its key server does. */
function askedOf(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      throw isAboutToken(error) ? error : new KeysUnavailable('', { cause: error });
    }
  };
}

class KeysUnavailable extends Error {}

function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) {
    return 'the token has expired';
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `the token's claim "${error.claim}" does not fit`;
  }
  if (isAboutToken(error)) {
    return 'the token names no key that is known here';
  }
  if (error instanceof KeysUnavailable) {
    return 'the keys for signed tokens cannot be had at present';
  }
  if (error instanceof v.ValiError) {
    return 'the token needs the claims "exp" and "streams", a pattern or a list of them';
  }
  return "the token's signature does not fit";
}
