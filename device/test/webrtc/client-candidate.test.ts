import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { ClientCandidates } from '../../src/webrtc/client-candidate.ts';

const hidden = 'candidate:1 1 udp 2113937151 9c29c5e8-8eff-4831-a772-2d387848794c.local 55792 typ host generation 0';
const from = (address: string, rest = 'typ host generation 0') =>
  `candidate:1 1 udp 2113937151 ${address} 55792 ${rest}`;
const at = (address: string) => `candidate:1 1 UDP 2113937151 ${address} 55792 typ host`;

describe("a browser's candidates", () => {
  const candidatesOf = (address?: string) => new ClientCandidates({ address, user: 'ours' });
  const take = (candidate: string, address?: string) => candidatesOf(address).take(candidate);

  it('are taken if they name an address, and written without what the library does not need', () => {
    assert.deepEqual(take(from('192.0.2.7'), '192.0.2.9'), [at('192.0.2.7')]);
    assert.deepEqual(take(from('2001:db8::7', 'typ srflx raddr 0.0.0.0 rport 0 ufrag ours network-cost 999')), [
      'candidate:1 1 UDP 2113937151 2001:db8::7 55792 typ srflx',
    ]);
  });

  it('get the address of the WebSocket if the browser hides its own', () => {
    assert.deepEqual(take(hidden, '192.0.2.9'), [at('192.0.2.9')]);
    assert.deepEqual(take(hidden, '::ffff:192.0.2.9'), [at('192.0.2.9')]);
    assert.deepEqual(take(hidden, '2001:db8::9'), [at('2001:db8::9')]);
  });

  it("get this machine's addresses if the browser is on it", () => {
    const own = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid)
      .map(({ address }) => at(address));
    assert.deepEqual(take(hidden, '127.0.0.1'), own);
    assert.deepEqual(take(hidden, '::1'), own);
  });

  it('are passed over if the library would look up a name, or could not use them', () => {
    const useless = [
      ...['nonsense', '', 'candidate:', hidden, from('camera.example'), from('fe80::1%eth0'), from('192.0.2.999')],
      from('192.0.2.7', 'typ host ufrag theirs'),
      from('192.0.2.7', 'typ other'),
      from('192.0.2.7').replace(' udp ', ' tcp '),
      from('192.0.2.7').replace(':1 1 ', ':1 2 '),
      from('192.0.2.7').replace('55792', '65536'),
      from('192.0.2.7').replace('2113937151', '4294967296'),
      `${from('192.0.2.7')}\r\na=candidate:2 1 udp 1 camera.example 9 typ host`,
    ];
    for (const candidate of useless) {
      assert.deepEqual(take(candidate), [], candidate);
    }
  });

  it('are those of one transport: Chromium tells the others under the same user name', () => {
    const candidates = candidatesOf();
    assert.deepEqual(candidates.take(from('192.0.2.7')), [at('192.0.2.7')]);
    assert.deepEqual(candidates.take(from('192.0.2.7').replace('55792', '55793')), []);
  });

  it('are twenty at most', () => {
    const candidates = candidatesOf();
    const taken = Array.from({ length: 100 }, (_, index) =>
      candidates.take(from('192.0.2.7').replace('2113937151', `${index + 1}`)),
    );
    assert.equal(taken.flat().length, 20);
  });
});
