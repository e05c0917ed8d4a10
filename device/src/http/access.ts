import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessConfig } from '../config/api-schema.ts';

export type MaySee = (stream: string) => boolean;

/** A client whose credentials are good, and what they are good for. */
export interface Viewer {
  maySee: MaySee;
  /** Whether every stream may be seen, those that are configured later included. */
  seesAll: boolean;
  /** Equal for two viewers with the same rights. */
  rights: string;
}

const everything: Viewer = { maySee: () => true, seesAll: true, rights: '*' };

/** Decides who may use the API: everyone if no credentials are configured, otherwise the user and the holders of tokens. */
export class Access {
  readonly #basic: Buffer | null;
  readonly #tokens: readonly { digest: Buffer; viewer: Viewer }[];

  constructor({ user, tokens }: Pick<AccessConfig, 'user' | 'tokens'>) {
    this.#basic = user === undefined ? null : digest(`${user.name}:${user.password}`);
    this.#tokens = tokens.map(({ token, streams }) => ({
      digest: digest(token),
      viewer: streams === undefined ? everything : limitedTo(streams),
    }));
  }

  get isOpen(): boolean {
    return this.#basic === null && this.#tokens.length === 0;
  }

  /** The value of WWW-Authenticate (RFC 7617, RFC 6750). */
  get challenge(): string {
    const realm = 'realm="multistream device"';
    const schemes = [
      ...(this.#basic === null ? [] : [`Basic ${realm}, charset="UTF-8"`]),
      ...(this.#tokens.length === 0 ? [] : [`Bearer ${realm}`]),
    ];
    return schemes.join(', ');
  }

  /**
   * Null without good credentials.
   * @param authorization the header; a proxy may have put its own there, so it need not be for us
   * @param query the address's `token`, for what cannot send headers: a WebSocket, an image
   */
  identify(authorization: string | undefined, query: string | null): Viewer | null {
    if (this.isOpen) {
      return everything;
    }
    const [, scheme, value = ''] = /^(\S+) +(\S+) *$/.exec(authorization ?? '') ?? [];
    switch (scheme?.toLowerCase()) {
      case 'basic':
        if (this.#basic !== null && isSame(this.#basic, digest(Buffer.from(value, 'base64')))) {
          return everything;
        }
        break;
      case 'bearer': {
        const viewer = this.#holder(value);
        if (viewer !== null) {
          return viewer;
        }
        break;
      }
    }
    return query === null ? null : this.#holder(query);
  }

  #holder(token: string): Viewer | null {
    const given = digest(token);
    let holder: Viewer | null = null;
    // Compare with all of them, so that the time tells nothing about which one fits.
    for (const { digest: known, viewer } of this.#tokens) {
      holder = isSame(known, given) ? viewer : holder;
    }
    return holder;
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
