import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { SignedTokens, TokenError } from '../../src/http/signed-tokens.ts';
import { fuzz } from '../support/fuzz.ts';

const secret = 'a secret of thirty-two bytes, at least';
const tokens = new SignedTokens({ key: { kind: 'secret', secret } } as ConstructorParameters<typeof SignedTokens>[0]);
const encode = (text: string) => Buffer.from(text).toString('base64url');

interface Parts {
  header: string;
  payload: string;
  isSigned: boolean;
  /** A character of the whole that is another one. */
  change: readonly [at: number, to: string] | null;
}

function tokenOf({ header, payload, isSigned, change }: Parts): string {
  const content = `${encode(header)}.${encode(payload)}`;
  const token = `${content}.${isSigned ? createHmac('sha256', secret).update(content).digest('base64url') : ''}`;
  return change === null ? token : token.slice(0, change[0]) + change[1] + token.slice(change[0] + 1);
}

const number = fc.oneof(
  fc.integer({ min: 4e9, max: 5e9 }),
  fc.double(),
  fc.constantFrom(0, -1, 1e300, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, 9e12),
);
const strange = fc.oneof(fc.jsonValue({ maxDepth: 2 }), number);
const claims = fc.record(
  {
    exp: fc.oneof({ weight: 4, arbitrary: number }, strange),
    streams: fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 300 }), strange),
    nbf: fc.oneof(fc.constant(0), strange),
    iat: strange,
  },
  { requiredKeys: ['exp', 'streams'] },
);
const parts = fc.record({
  header: fc.oneof(
    { weight: 4, arbitrary: fc.constant('{"alg":"HS256"}') },
    fc.constantFrom(
      '{"alg":"none"}',
      '{"alg":"RS256"}',
      '{"alg":"HS256","crit":["exp"]}',
      '{"alg":"HS256","b64":false}',
      '{}',
      '',
    ),
    fc.json(),
  ),
  payload: fc.oneof({ weight: 4, arbitrary: claims.map((all) => JSON.stringify(all)) }, fc.json(), fc.string()),
  isSigned: fc.boolean(),
  change: fc.oneof(fc.constant(null), fc.tuple(fc.nat(300), fc.constantFrom('.', '=', 'A', '\0', 'é', ''))),
});

describe('a signed token of any content', () => {
  it('is refused with a reason, or grants patterns until a time that is a date', () =>
    fuzz({
      corpus: new URL('corpus/signed-token/', import.meta.url),
      input: parts,
      holds: async (given) => {
        const token = tokenOf(given);
        const grant = await tokens.read(token).catch((error: unknown) => {
          assert.ok(error instanceof TokenError && error.message !== '', `${error}`);
          return null;
        });
        if (grant !== null) {
          assert.ok(given.isSigned && given.header.includes('HS256'));
          assert.ok(grant.streams.every((pattern) => typeof pattern === 'string') && grant.streams.length <= 256);
          assert.ok(
            grant.expiresAt > Date.now() && !Number.isNaN(new Date(grant.expiresAt).getTime()),
            `${grant.expiresAt}`,
          );
        }
      },
    }));

  it('is refused where it is no token at all', () =>
    fuzz({
      corpus: new URL('corpus/no-token/', import.meta.url),
      input: fc.oneof(
        fc.string(),
        fc.array(fc.base64String(), { maxLength: 6 }).map((some) => some.join('.')),
      ),
      holds: (token) => assert.rejects(tokens.read(token), TokenError),
    }));
});
