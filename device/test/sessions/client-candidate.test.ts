import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { resolveCandidate } from '../../src/sessions/client-candidate.ts';

const hidden = 'candidate:1 1 udp 2113937151 9c29c5e8-8eff-4831-a772-2d387848794c.local 55792 typ host generation 0';
const at = (address: string) => `candidate:1 1 udp 2113937151 ${address} 55792 typ host generation 0`;

describe("a browser's candidate", () => {
  it('is taken as it is when it names an address', () => {
    assert.deepEqual(resolveCandidate(at('192.0.2.7'), '192.0.2.9'), [at('192.0.2.7')]);
  });

  it('gets the address of the WebSocket where the browser hides its own', () => {
    assert.deepEqual(resolveCandidate(hidden, '192.0.2.9'), [at('192.0.2.9')]);
    assert.deepEqual(resolveCandidate(hidden, '::ffff:192.0.2.9'), [at('192.0.2.9')]);
    assert.deepEqual(resolveCandidate(hidden, '2001:db8::9'), [at('2001:db8::9')]);
  });

  it("gets this machine's addresses where the browser is on it", () => {
    const own = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid)
      .map(({ address }) => at(address));
    assert.deepEqual(resolveCandidate(hidden, '127.0.0.1'), own);
    assert.deepEqual(resolveCandidate(hidden, '::1'), own);
  });

  it('stays as it is where the client is gone, and malformed ones are left to the library', () => {
    assert.deepEqual(resolveCandidate(hidden, undefined), [hidden]);
    assert.deepEqual(resolveCandidate('nonsense', '192.0.2.9'), ['nonsense']);
  });
});
