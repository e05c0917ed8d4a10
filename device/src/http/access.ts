import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessConfig } from '../config/api-schema.ts';
import { SignedTokens, TokenError } from './signed-tokens.ts';

export type MaySee = (stream: string) => boolean;

/** A client whose credentials are good, and what they are good for. */
export interface Viewer {
  maySee: MaySee;
  /** Whether every stream may be seen, those that are configured later included. */
  seesAll: boolean;
  /** Equal for two viewers with the same rights. */
  rights: string;
  /** When the credentials end, in milliseconds since 1970; undefined where they do not. */
  expiresAt?: number;
}

/** Credentials that are not good, or none. The message is for their sender. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

const everything: Viewer = { maySee: () => true, seesAll: true, rights: '*' };

/** Decides who may use the API: everyone if no credentials are configured, otherwise the user and the holders of tokens, whether listed or signed. */
export class Access {
  readonly #basic: Buffer | null;
  readonly #tokens: readonly { digest: Buffer; viewer: Viewer }[];

  readonly #signed: SignedTokens | null;

  constructor({ user, tokens, jwt }: Pick<AccessConfig, 'user' | 'tokens' | 'jwt'>) {
    this.#basic = user === undefined ? null : digest(`${user.name}:${user.password}`);
    this.#tokens = tokens.map(({ token, streams }) => ({
      digest: digest(token),
      viewer: streams === undefined ? everything : limitedTo(streams),
    }));
    this.#signed = jwt === undefined ? null : new SignedTokens(jwt);
  }

  get isOpen(): boolean {
    return this.#basic === null && !this.#takesTokens;
  }

  /** The value of WWW-Authenticate (RFC 7617, RFC 6750). */
  get challenge(): string {
    const realm = 'realm="multistream device"';
    const schemes = [
      ...(this.#basic === null ? [] : [`Basic ${realm}, charset="UTF-8"`]),
      ...(this.#takesTokens ? [`Bearer ${realm}`] : []),
    ];
    return schemes.join(', ');
  }

  /**
   * @param authorization the header; a proxy may have put its own there, so it need not be for us
   * @param query the address's `token`, for what cannot send headers: a WebSocket, an image
   * @throws {CredentialsError}
   */
  async identify(authorization: string | undefined, query: string | null): Promise<Viewer> {
    if (this.isOpen) {
      return everything;
    }
    const [, scheme, value = ''] = /^(\S+) +(\S+) *$/.exec(authorization ?? '') ?? [];
    if (scheme?.toLowerCase() === 'basic' && this.#isUser(value)) {
      return everything;
    }
    let why = 'a user and password, or a token, is needed';
    for (const token of [scheme?.toLowerCase() === 'bearer' ? value : null, query]) {
      if (token === null) {
        continue;
      }
      try {
        return await this.#holder(token);
      } catch (error) {
        if (!(error instanceof TokenError)) {
          throw error;
        }
        why = error.message;
      }
    }
    throw new CredentialsError(why);
  }

  get #takesTokens(): boolean {
    return this.#tokens.length > 0 || this.#signed !== null;
  }

  #isUser(basic: string): boolean {
    return this.#basic !== null && isSame(this.#basic, digest(Buffer.from(basic, 'base64')));
  }

  /** @throws {TokenError} */
  async #holder(token: string): Promise<Viewer> {
    const given = digest(token);
    let holder: Viewer | null = null;
    // Compare with all of them, so that the time tells nothing about which one fits.
    for (const { digest: known, viewer } of this.#tokens) {
      holder = isSame(known, given) ? viewer : holder;
    }
    if (holder !== null) {
      return holder;
    }
    if (this.#signed === null) {
      throw new TokenError('the token is not known here');
    }
    const { streams, expiresAt } = await this.#signed.read(token);
    return { ...(streams.includes('*') ? everything : limitedTo(streams)), expiresAt };
  }
}

/** A comparison in constant time needs two values of one length. */
function digest(secret: string | Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}

function isSame(known: Buffer, given: Buffer): boolean {
  return timingSafeEqual(known, given);
}

function limitedTo(patterns: readonly string[]): Viewer {
  return {
    maySee: (stream) => patterns.some((pattern) => matches(pattern.split('*'), stream)),
    seesAll: false,
    rights: JSON.stringify(patterns.toSorted()),
  };
}

/**
 * Whether a name consists of these parts, in order, with any characters between them: `*` in a pattern. The earliest place
 * of each part is as good as any other, so nothing is tried twice.
 */
function matches([first = '', ...rest]: readonly string[], name: string): boolean {
  const last = rest.pop();
  if (last === undefined) {
    return name === first;
  }
  const end = name.length - last.length;
  if (!name.startsWith(first) || !name.endsWith(last) || first.length > end) {
    return false;
  }
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) {
      return false;
    }
    at = found + part.length;
  }
  return at <= end;
}
