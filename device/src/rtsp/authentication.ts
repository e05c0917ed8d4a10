import { createHash, randomBytes } from 'node:crypto';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

interface Challenge {
  readonly scheme: 'basic' | 'digest';
  readonly params: ReadonlyMap<string, string>;
}

/** Node's names of the hashes, the weakest first (RFC 2617, RFC 7616). */
const hashes: Record<string, string> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };
const ranks = Object.keys(hashes);

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
  /** The camera took an answer to this challenge, so its password is right. */
  #isAccepted = false;

  constructor(credentials: Credentials | null) {
    this.#credentials = credentials;
  }

  get hasCredentials(): boolean {
    return this.#credentials !== null;
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
  const hasQop = qops(challenge).includes('auth');
  const nc = count.toString(16).padStart(8, '0');
  const plain = hex(`${user}:${realm}:${password}`);
  const ha1 = isSession ? hex(`${plain}:${nonce}:${cnonce}`) : plain;
  const ha2 = hex(`${method}:${uri}`);
  const response = hex(hasQop ? `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}` : `${ha1}:${nonce}:${ha2}`);
  const opaque = challenge.get('opaque');
  return [
    `Digest username=${quote(user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    // Cameras that name none are old, and some of them refuse what they do not know.
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(hasQop ? [`qop=auth, nc=${nc}`] : []),
    ...(hasQop || isSession ? [`cnonce="${cnonce}"`] : []),
  ].join(', ');
}

function readAlgorithm(name = 'MD5'): { hash: string; rank: number; isSession: boolean } {
  const upper = name.toUpperCase();
  const isSession = upper.endsWith('-SESS');
  const base = isSession ? upper.slice(0, -'-SESS'.length) : upper;
  return { hash: hashes[base] ?? 'md5', rank: ranks.indexOf(base), isSession };
}

function qops(params: ReadonlyMap<string, string>): string[] {
  return (params.get('qop') ?? '').split(',').map((qop) => qop.trim().toLowerCase());
}

function isSupported({ scheme, params }: Challenge): boolean {
  if (scheme === 'basic') {
    return true;
  }
  const isAnswerable = !params.has('qop') || qops(params).includes('auth');
  return isAnswerable && params.has('nonce') && readAlgorithm(params.get('algorithm')).rank >= 0;
}

function nameOf({ scheme, params }: Challenge): string {
  return `${scheme} ${(params.get('algorithm') ?? 'MD5').toUpperCase()}`;
}

function rankOf({ scheme, params }: Challenge): number {
  return scheme === 'basic' ? -1 : readAlgorithm(params.get('algorithm')).rank;
}

/** The challenges of one header: several may stand in it, and commas inside of each. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  const token = /[\s,]*(?:([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))|([\w-]+)(?=\s|$))/y;
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
