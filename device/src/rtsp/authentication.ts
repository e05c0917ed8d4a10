import { createHash, randomBytes } from 'node:crypto';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Why a camera cannot be logged in to; `unknown-login`: in none of the ways that it offers. */
export type Refusal = 'no-password' | 'unknown-login' | 'wrong-password';

/** Reads the user and password of an address; null where it has none. */
export function credentialsOf({ username, password }: URL): Credentials | null {
  return username === '' && password === ''
    ? null
    : { user: decodePercent(username), password: decodePercent(password) };
}

/** Decodes what is percent-encoded. A "%" that stands for itself stays. */
export function decodePercent(text: string): string {
  return text.replaceAll(/(%[\da-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

interface Challenge {
  readonly scheme: 'basic' | 'digest';
  readonly params: ReadonlyMap<string, string>;
}

/** Node's names of the hashes, the weakest first (RFC 2617, RFC 7616). */
const hashes: Record<string, string> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };
const ranks = Object.keys(hashes);

/** In words. */
export const knownLogins = 'Basic, and Digest with MD5, SHA-256 or SHA-512/256';

/**
 * Answers a camera's challenges: Basic (RFC 7617), and Digest with MD5, SHA-256 and SHA-512/256 (RFC 7616), with and without
 * `qop` and `-sess`. Of several challenges it takes the strongest, in whatever order they come. If a camera refuses the answer
 * to a Digest challenge, the next weaker Digest is tried, and never Basic: that would send the password in the clear.
 */
export class Authentication {
  readonly #credentials: Credentials | null;
  /** The challenge that is answered; null before the first. */
  #challenge: Challenge | null = null;
  /** Challenges whose answers were refused. */
  readonly #refused = new Set<string>();
  #count = 0;
  /** The camera offered no challenge that can be answered. */
  #isUnknown = false;
  /** The camera took an answer to this challenge, so its password is right. */
  #isAccepted = false;

  constructor(credentials: Credentials | null) {
    this.#credentials = credentials;
  }

  /** Why `take` found no answer to the last challenges. */
  get refusal(): Refusal {
    return this.#credentials === null ? 'no-password' : this.#isUnknown ? 'unknown-login' : 'wrong-password';
  }

  /** There is a challenge that can be answered. */
  get isChallenged(): boolean {
    return this.#challenge !== null;
  }

  /** A request with an Authorization was not refused. */
  accept(): void {
    this.#isAccepted = this.#challenge !== null;
  }

  /**
   * Takes the challenges of an answer with status 401.
   * @param headers the values of WWW-Authenticate
   * @param wasAnswered the request that was refused had an Authorization
   * @returns whether it is worth sending the request again
   */
  take(headers: readonly string[], wasAnswered: boolean): boolean {
    if (this.#credentials === null) {
      return false;
    }
    const offered = headers.flatMap(parseChallenges).filter(isSupported);
    this.#isUnknown = offered.length === 0 && !wasAnswered;
    const old = this.#challenge;
    if (wasAnswered && old !== null) {
      const same = offered.find((challenge) => nameOf(challenge) === nameOf(old));
      // A nonce that is out of date says nothing about the password. Not every camera says that it is.
      const isStale = same?.params.get('stale')?.toLowerCase() === 'true' || this.#isAccepted;
      if (!isStale || same?.params.get('nonce') === old.params.get('nonce')) {
        this.#refused.add(nameOf(old));
      }
    }
    const mayUseBasic = !offered.some(({ scheme }) => scheme === 'digest');
    const [best] = offered
      .filter((challenge) => !this.#refused.has(nameOf(challenge)) && (mayUseBasic || challenge.scheme === 'digest'))
      .sort((one, other) => rankOf(other) - rankOf(one));
    this.#challenge = best ?? null;
    this.#isAccepted = false;
    this.#count = 0;
    return best !== undefined;
  }

  /** The value of Authorization for a request; null while the camera has asked for none. */
  answer(method: string, uri: string): string | null {
    if (this.#challenge === null || this.#credentials === null) {
      return null;
    }
    const { user, password } = this.#credentials;
    if (this.#challenge.scheme === 'basic') {
      return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    }
    this.#count++;
    return digest({ challenge: this.#challenge.params, user, password, method, uri, count: this.#count });
  }
}

interface DigestInput extends Credentials {
  challenge: ReadonlyMap<string, string>;
  method: string;
  uri: string;
  /** How often this nonce was answered, from 1 on. */
  count: number;
}

/** @param cnonce the client's own nonce; a test gives one */
export function digest(
  { challenge, user, password, method, uri, count }: DigestInput,
  cnonce = randomBytes(8).toString('hex'),
): string {
  const realm = challenge.get('realm') ?? '';
  const nonce = challenge.get('nonce') ?? '';
  const algorithm = challenge.get('algorithm');
  const { hash, isSession } = readAlgorithm(algorithm);
  const hex = (text: string) => createHash(hash).update(text).digest('hex');
  const qop = qopOf(challenge);
  const nc = count.toString(16).padStart(8, '0');
  const plain = hex(`${user}:${realm}:${password}`);
  const ha1 = isSession ? hex(`${plain}:${nonce}:${cnonce}`) : plain;
  // The requests have no body.
  const ha2 = hex(qop === 'auth-int' ? `${method}:${uri}:${hex('')}` : `${method}:${uri}`);
  const response = hex(qop === null ? `${ha1}:${nonce}:${ha2}` : `${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`);
  const opaque = challenge.get('opaque');
  return [
    `Digest username=${quote(user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    // Cameras that name none are old, and some of them refuse what they do not know.
    ...(algorithm ? [`algorithm=${algorithm}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(qop === null ? [] : [`qop=${qop}, nc=${nc}`]),
    ...(qop !== null || isSession ? [`cnonce="${cnonce}"`] : []),
  ].join(', ');
}

/** Some cameras leave the first hyphen out, and some leave the name empty. */
function readAlgorithm(name: string | undefined): { hash: string; rank: number; isSession: boolean } {
  const upper = (name || 'MD5').toUpperCase().replace(/^SHA(?=\d)/, 'SHA-');
  const isSession = upper.endsWith('-SESS');
  const base = isSession ? upper.slice(0, -'-SESS'.length) : upper;
  return { hash: hashes[base] ?? 'md5', rank: ranks.indexOf(base), isSession };
}

/** The quality of protection that is answered; null where the camera names none. */
function qopOf(params: ReadonlyMap<string, string>): 'auth' | 'auth-int' | null {
  const offered = (params.get('qop') ?? '').split(',').map((qop) => qop.trim().toLowerCase());
  return (['auth', 'auth-int'] as const).find((qop) => offered.includes(qop)) ?? null;
}

function isSupported({ scheme, params }: Challenge): boolean {
  if (scheme === 'basic') {
    return true;
  }
  const isAnswerable = !params.get('qop') || qopOf(params) !== null;
  return isAnswerable && params.has('nonce') && readAlgorithm(params.get('algorithm')).rank >= 0;
}

function nameOf({ scheme, params }: Challenge): string {
  return `${scheme} ${(params.get('algorithm') || 'MD5').toUpperCase()}`;
}

function rankOf({ scheme, params }: Challenge): number {
  return scheme === 'basic' ? -1 : readAlgorithm(params.get('algorithm')).rank;
}

/**
 * The challenges of one header: several may stand in it, and commas inside of each. Cameras also write semicolons, and several
 * words without quotes.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  const token =
    /[\s,;]*(?:([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*(?:[ \t]+[^\s,;"=]+(?=[\s,;]|$)(?!\s*=))*))|([\w-]+)(?=\s|,|$))/y;
  for (let match = token.exec(header); match !== null && match[0] !== ''; match = token.exec(header)) {
    const [, name, quoted, bare, scheme] = match;
    if (scheme !== undefined) {
      challenges.push({ scheme: scheme.toLowerCase(), params: new Map() });
    } else if (name !== undefined) {
      challenges.at(-1)?.params.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '');
    }
  }
  return challenges.flatMap(({ scheme, params }) =>
    scheme === 'basic' || scheme === 'digest' ? [{ scheme, params } as const] : [],
  );
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
