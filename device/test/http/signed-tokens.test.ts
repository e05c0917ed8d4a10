import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { parseConfig } from '../../src/config/config.ts';
import { Access, CredentialsError } from '../../src/http/access.ts';

const secret = 'a secret of thirty-two bytes, at least';
const folder = mkdtempSync(join(tmpdir(), 'jwt-'));
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;

function accessOf(jwt: Record<string, string>): Access {
  return new Access(parseConfig(JSON.stringify({ api: { jwt } }), 'cams.yaml').api);
}

interface Signing {
  key?: KeyObject | Uint8Array;
  alg?: string;
  kid?: string;
  claims?: Record<string, unknown>;
  /** Seconds from now. */
  exp?: number;
}

function sign({ key = new TextEncoder().encode(secret), alg = 'HS256', kid, claims, exp = 60 }: Signing = {}) {
  return new SignJWT({ streams: 'door*', exp: Math.floor(Date.now() / 1000) + exp, ...claims })
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .sign(key);
}

/** Why a token is not taken; null where it is. */
async function refusal(access: Access, token: string): Promise<string | null> {
  try {
    await access.identify(`Bearer ${token}`, null);
    return null;
  } catch (error) {
    assert.ok(error instanceof CredentialsError);
    return error.message;
  }
}

describe('a signed token', () => {
  after(() => rmSync(folder, { recursive: true }));

  it('lets its holder see the streams that it names, until it expires', async () => {
    const token = await sign({ claims: { streams: ['door*', 'yard'] } });
    for (const viewer of [
      await accessOf({ secret }).identify(`Bearer ${token}`, null),
      await accessOf({ secret }).identify('Basic cHJveHk6cHJveHk=', token),
    ]) {
      assert.deepEqual(['door', 'door-360p', 'yard', 'yard-360p'].filter(viewer.maySee), ['door', 'door-360p', 'yard']);
      assert.equal(viewer.seesAll, false);
      assert.ok(Math.abs((viewer.expiresAt ?? 0) - Date.now() - 65_000) < 2000);
    }
    const all = await accessOf({ secret }).identify(undefined, await sign({ claims: { streams: '*' } }));
    assert.ok(all.seesAll);
  });

  it('asks for credentials where signed tokens are all that is configured', () => {
    assert.ok(!accessOf({ secret }).isOpen);
    assert.match(accessOf({ secret }).challenge, /^Bearer /);
  });

  it('is checked with a public key of any usual kind, from the text or from a file', async () => {
    for (const [alg, { publicKey, privateKey }] of Object.entries({ RS256: rsa, PS512: rsa, ES256: ec, EdDSA: ed })) {
      const file = join(folder, `${alg}.pem`);
      writeFileSync(file, pem(publicKey));
      for (const public_key of [pem(publicKey), file]) {
        assert.equal(await refusal(accessOf({ public_key }), await sign({ key: privateKey, alg })), null, alg);
      }
    }
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const access = accessOf({ public_key: pem(rsa.publicKey) });
    assert.equal(await refusal(access, await sign({ key: other, alg: 'RS256' })), "the token's signature does not fit");
  });

  it('is not taken without a signature, nor with the public key as a shared secret', async () => {
    const none = new UnsecuredJWT({ streams: '*' }).setExpirationTime('1h').encode();
    const confused = await sign({ key: new TextEncoder().encode(pem(rsa.publicKey)), alg: 'HS256' });
    const shortened = (await sign()).replace(/[^.]+$/, '');
    for (const access of [accessOf({ secret }), accessOf({ public_key: pem(rsa.publicKey) })]) {
      for (const token of [none, confused, shortened, none.replace(/\.$/, ''), 'a.b.c', '..']) {
        assert.equal(await refusal(access, token), "the token's signature does not fit", token);
      }
    }
  });

  it('needs to say for how long and for which streams', async () => {
    const access = accessOf({ secret });
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ exp: undefined }, /"exp" does not fit/],
      [{ exp: 'tomorrow' }, /"exp" does not fit/],
      [{ streams: undefined }, /"streams" does not fit/],
      [{ streams: 7 }, /needs the claims/],
      [{ streams: Array(257).fill('a') }, /needs the claims/],
      [{ nbf: Math.floor(Date.now() / 1000) + 60 }, /"nbf" does not fit/],
    ];
    for (const [claims, why] of cases) {
      assert.match((await refusal(access, await sign({ claims }))) ?? 'taken', why);
    }
    const nobody = await access.identify(undefined, await sign({ claims: { streams: [] } }));
    assert.ok(!nobody.maySee('door'));
  });

  it('may come from a clock that is five seconds off, and no more', async () => {
    const access = accessOf({ secret });
    assert.equal(await refusal(access, await sign({ exp: -3 })), null);
    assert.equal(await refusal(access, await sign({ exp: -8 })), 'the token has expired');
    const soon = Math.floor(Date.now() / 1000) + 3;
    assert.equal(await refusal(access, await sign({ claims: { nbf: soon } })), null);
  });

  it('is for this device alone where an issuer and an audience are configured', async () => {
    const access = accessOf({ secret, issuer: 'shop', audience: 'wall' });
    assert.equal(await refusal(access, await sign({ claims: { iss: 'shop', aud: ['wall', 'till'] } })), null);
    assert.match((await refusal(access, await sign({ claims: { iss: 'shop', aud: 'till' } }))) ?? '', /"aud"/);
    assert.match((await refusal(access, await sign({ claims: { aud: 'wall' } }))) ?? '', /"iss"/);
  });

  it('names its key in a set, from a file or from a server that is asked once for all unknown ones', async () => {
    const keys = [
      { ...(await exportJWK(rsa.publicKey)), kid: 'one', alg: 'RS256' },
      { ...(await exportJWK(ec.publicKey)), kid: 'two' },
    ];
    const file = join(folder, 'keys.json');
    writeFileSync(file, JSON.stringify({ keys }));
    let asked = 0;
    const server = createServer((_, answer) => {
      asked++;
      answer.end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
      for (const jwks of [file, url]) {
        const access = accessOf({ jwks });
        assert.equal(await refusal(access, await sign({ key: rsa.privateKey, alg: 'RS256', kid: 'one' })), null);
        assert.equal(await refusal(access, await sign({ key: ec.privateKey, alg: 'ES256', kid: 'two' })), null);
        for (const kid of ['three', 'four', 'five']) {
          const unknown = await sign({ key: rsa.privateKey, alg: 'RS256', kid });
          assert.equal(await refusal(access, unknown), 'the token names no key that is known here');
        }
        const mixed = await sign({ key: ec.privateKey, alg: 'ES256', kid: 'one' });
        assert.equal(await refusal(access, mixed), 'the token names no key that is known here');
      }
      assert.equal(asked, 1);
    } finally {
      server.close();
    }
  });

  it('is not taken while the server with its keys does not answer, and the words say so', async () => {
    const access = accessOf({ jwks: 'http://127.0.0.1:1/keys' });
    const token = await sign({ key: rsa.privateKey, alg: 'RS256', kid: 'one' });
    assert.equal(await refusal(access, token), 'the keys for signed tokens cannot be had at present');
  });

  it('is not taken while that server pours out bytes or leads in a circle, and costs no memory and few questions', async () => {
    let poured = 0;
    let asked = 0;
    const server = createServer((request, answer) => {
      asked++;
      if (request.url === '/circle') {
        answer.writeHead(302, { Location: '/circle' }).end();
        return;
      }
      if (request.url !== '/pours') {
        answer.writeHead(request.url === '/fails' ? 500 : 200).end('{');
        return;
      }
      const chunk = Buffer.alloc(64 * 1024, ' ');
      const pour = () => {
        while (!answer.destroyed && answer.write(chunk)) {
          poured += chunk.length;
        }
      };
      answer.on('drain', pour);
      pour();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const token = await sign({ key: rsa.privateKey, alg: 'RS256', kid: 'one' });
      for (const path of ['pours', 'circle', 'nonsense', 'fails']) {
        const access = accessOf({ jwks: `http://127.0.0.1:${port}/${path}` });
        for (let tried = 0; tried < 20; tried++) {
          assert.equal(await refusal(access, token), 'the keys for signed tokens cannot be had at present');
        }
      }
      // The system's buffers hold more than the device has read.
      assert.ok(poured < 32 * 1024 * 1024, `${poured} bytes were read`);
      assert.equal(asked, 4);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('the configuration of signed tokens', () => {
  const mistakes: [Record<string, unknown>, RegExp][] = [
    [{}, /no key; allowed: one of secret, public_key, jwks/],
    [{ secret, jwks: 'https://id.example/keys' }, /more than one key/],
    [{ secret: 'short' }, /32 bytes or more/],
    [{ public_key: 'nonsense' }, /PEM/],
    [{ public_key: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string }, /private key/],
    [{ jwks: 'http://id.example/keys' }, /in the clear/],
    [{ jwks: '/none.json' }, /ENOENT/],
    [{ jwks: 'https://' }, /the address cannot be read; allowed: such as https:/],
    [{ jwks: 'https://id.example:port/keys' }, /the address cannot be read/],
    [{ algorithms: 'none', secret }, /allowed: secret, public_key, jwks, issuer, audience/],
  ];

  for (const [jwt, message] of mistakes) {
    it(`is refused with its line: ${Object.keys(jwt)} (${message.source})`, () => {
      assert.throws(() => parseConfig(JSON.stringify({ api: { jwt } }), 'cams.yaml'), { message });
    });
  }
});
