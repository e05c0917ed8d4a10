import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { certificate, certificateKey, otherKey } from '../support/certificate.ts';

/** As a value in YAML, on one line. */
const quoted = (text: string) => JSON.stringify(text);
const parse = (text: string) => parseConfig(text, 'cams.yaml');

describe("the configuration's api section", () => {
  it('reads the user, the tokens and the origins', () => {
    const { api } = parse(`
api:
  username: admin
  password: "0123"
  origin: ["https://wall.example:8443", "*"]
  tokens:
    - token: first
    - token: second
      streams: "door*"
    - { token: third, streams: [yard, gate] }
`);
    assert.deepEqual(api, {
      listen: { host: '127.0.0.1', port: 1984 },
      origin: ['https://wall.example:8443', '*'],
      user: { name: 'admin', password: '0123' },
      tokens: [
        { token: 'first' },
        { token: 'second', streams: ['door*'] },
        { token: 'third', streams: ['yard', 'gate'] },
      ],
    });
  });

  it('reads the certificate and its key, as text or from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'multistream-tls-'));
    try {
      const file = join(folder, 'key.pem');
      await writeFile(file, certificateKey);
      const { api } = parse(`api: { tls_cert: ${quoted(certificate)}, tls_key: ${quoted(file)} }`);
      assert.deepEqual(api.tls, { cert: certificate, key: certificateKey });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const mistakes: [text: string, line: number, says: string][] = [
    ['api:\n  username: admin', 2, 'api.username: needs api.password'],
    ['api:\n  password: hidden', 2, 'api.password: needs api.username'],
    ['api:\n  username: admin\n  password: [4711]', 3, 'not a list; allowed: a password'],
    ['api:\n  username: admin\n  password: ""', 3, 'empty'],
    ['api:\n  tokens: hidden', 2, 'a list of tokens'],
    ['api:\n  tokens:\n    - hidden', 3, 'an entry with token and streams'],
    ['api:\n  tokens:\n    - token:', 3, 'not nothing; allowed: a token'],
    ['api:\n  tokens:\n    - token: ""', 3, 'empty; allowed: a token'],
    ['api:\n  tokens:\n    - token: hidden\n      streams:', 4, 'a list of stream names'],
    ['api:\n  tokens:\n    - token: hidden\n      stream: a', 4, '"api.tokens.0.stream"; allowed: token, streams'],
    ['api:\n  tokens:\n    - token: hidden\n      streams: { a: 3 }', 4, 'a list of stream names'],
    ['api:\n  origin: wall.example', 2, 'allowed: "*", or such as "https://example.org"'],
    ['api:\n  origin: ["https://wall.example/"]', 2, 'without a path'],
    ['api:\n  tls_cert: /nowhere/cert.pem', 2, 'the file cannot be read (ENOENT)'],
    ['api:\n  tls_key: |\n    hidden\n    hidden', 2, 'no PEM'],
    [`api:\n  tls_cert: ${quoted(certificate)}`, 2, 'needs api.tls_key'],
    [
      `api:\n  tls_key: ${quoted(otherKey)}\n  tls_cert: ${quoted(certificate)}`,
      3,
      'allowed: a certificate and its own key',
    ],
    ['multistream:\n  max_sessions: 0', 2, 'a whole number from 1 to 10000'],
    ['streams: {}\nwatch: often', 2, 'true or false'],
  ];
  for (const [text, line, says] of mistakes) {
    it(`names the line and what is allowed: ${text.replaceAll('\n', ' ').slice(0, 80)}`, () => {
      assert.throws(
        () => parse(text),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.ok(error.message.startsWith(`cams.yaml:${line}: `), error.message);
          assert.ok(error.message.includes(says), error.message);
          assert.ok(!/hidden|4711|PRIVATE/.test(error.message), 'a secret is repeated');
          return true;
        },
      );
    });
  }
});
