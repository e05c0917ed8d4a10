import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessConfig } from '../config/api-schema.ts';

export type MaySee = (stream: string) => boolean;

/** Someone whose credentials are good, and what they are good for. */
export interface Viewer {
  maySee: MaySee;
  /** Whether no stream is kept from this one, not even one that is configured later. */
  seesAll: boolean;
  /** Equal for two viewers with the same rights. */
  rights: string;
}

const everything: Viewer = { maySee: () => true, seesAll: true, rights: '*' };

/** Who may use the API: anyone where nobody is configured, otherwise the user and the holders of tokens. */
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
   * @param query the address's `token`, for those who cannot send headers: a WebSocket, an image
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
    // All are compared, whichever fits: the time tells nothing of which, or of how many.
    for (const { digest: known, viewer } of this.#tokens) {
      holder = isSame(known, given) ? viewer : holder;
    }
    return holder;
  }
}

/** Of one length, whatever the secret's: a comparison in constant time needs that. */
function digest(secret: string | Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}

function isSame(known: Buffer, given: Buffer): boolean {
  return timingSafeEqual(known, given);
}

function limitedTo(patterns: readonly string[]): Viewer {
  const names = patterns.map(toExpression);
  return {
    maySee: (stream) => names.some((name) => name.test(stream)),
    seesAll: false,
    rights: JSON.stringify(patterns.toSorted()),
  };
}

/** `*` stands for any characters, and everything else for itself. */
function toExpression(pattern: string): RegExp {
  const literal = pattern.replaceAll(/[^\w*]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*')}$`, 's');
}
