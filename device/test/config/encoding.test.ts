import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseConfig, readConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';

describe('the text of a configuration file', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multistream-encoding-'));
  });

  after(() => rm(folder, { recursive: true }));

  async function read(bytes: Buffer | string) {
    const file = join(folder, 'cams.yaml');
    await writeFile(file, bytes);
    return readConfig(file);
  }

  async function refused(bytes: Buffer | string): Promise<string> {
    const error: unknown = await read(bytes).catch((error: unknown) => error);
    assert.ok(error instanceof ConfigError, String(error));
    assert.ok(!error.message.includes('\n'), 'the error is one line');
    return error.message.slice(folder.length + 1);
  }

  const yaml = 'streams:\n  "küche": rtsp://h/x\n';
  const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();
  const readable: [what: string, bytes: Buffer | string][] = [
    ['UTF-8', yaml],
    ['UTF-8 with a byte order mark', `\ufeff${yaml}`],
    ['UTF-16 of Windows', Buffer.from(`\ufeff${yaml}`, 'utf16le')],
    ['UTF-16 with the high byte first', swapped(`\ufeff${yaml}`)],
    ['UTF-16 without a mark', Buffer.from(yaml, 'utf16le')],
    ['UTF-16 without a mark, with the high byte first', swapped(yaml)],
    ['lines of Windows', yaml.replaceAll('\n', '\r\n')],
    ['lines of old Macs', yaml.replaceAll('\n', '\r')],
    ['tabs between words', 'streams:\t# cameras\n  "küche":\trtsp://h/x\t# one\n'],
  ];
  for (const [what, bytes] of readable) {
    it(`is read: ${what}`, async () => {
      assert.deepEqual(
        (await read(bytes)).streams.map(({ name }) => name),
        ['küche'],
      );
    });
  }

  it('is refused as Latin-1 by that name, with the line', async () => {
    assert.match(
      await refused(Buffer.from('streams:\r\n  a: rtsp://h/x\r\n  küche: rtsp://h/y\r\n', 'latin1')),
      /^cams\.yaml:3: the byte 0xFC is not UTF-8, as in a file saved as Latin-1 or Windows-1252; allowed: UTF-8/,
    );
  });

  it('is refused in other encodings, and when it is not text', async () => {
    assert.match(await refused(Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])), /UTF-32; allowed: UTF-8/);
    assert.match(await refused(Buffer.from([0, 0, 0, 0x61])), /UTF-32/);
    assert.match(await refused(Buffer.from([0xff, 0xfe, 0x61])), /broken UTF-16/);
    assert.match(await refused('streams: {}\n\0'), /not a text/);
    assert.throws(() => readConfig(folder), { reason: 'unreadable', message: /EISDIR/ });
  });

  it('says that a tab does not indent', async () => {
    assert.match(await refused('streams:\n\ta: rtsp://h/x\n'), /^cams\.yaml:2: .*tab; allowed: spaces/);
  });

  it('is refused beyond 1 MiB, before it is parsed', async () => {
    assert.match(await refused(`streams: {}\n${'# comment\n'.repeat(1_100_000)}`), /too long; allowed: up to 1 MiB/);
    assert.throws(() => readConfig('/dev/zero'), { reason: 'unreadable', message: /too long/ });
  });

  it('may have a thousand cameras that share what an anchor names', () => {
    const cameras = Array.from({ length: 1000 }, (_, n) => `  c${n}: { <<: *usual, source: "rtsp://h/${n}" }\n`).join(
      '',
    );
    const { streams } = parseConfig(`x-usual: &usual { preload: true, linger: 1m }\nstreams:\n${cameras}`, 'cams.yaml');
    assert.equal(streams.filter(({ preload, linger }) => preload && linger === 60_000).length, 1000);
  });

  const bombs: [what: string, text: string][] = [
    [
      'aliases of aliases',
      `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join()}]\n`).join('')}`,
    ],
    [
      'merges of merges',
      `a0: &a0 { x: [1, 2, 3, 4, 5, 6, 7, 8, 9] }\n${Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} { ${Array.from({ length: 9 }, (_, m) => `k${m}: { <<: *a${n} }`).join(', ')} }\n`).join('')}`,
    ],
    ['an alias of itself', 'streams: &s [*s]'],
    ['lists in lists', '['.repeat(100_000)],
    ['sections in sections', `${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['lists of one item', `${'- '.repeat(20_000)}a`],
    ['a list that is closed', `${'['.repeat(60)}${']'.repeat(60)}`],
  ];
  for (const [what, text] of bombs) {
    it(`is refused when it stands for more values or levels than a configuration has: ${what}`, () => {
      assert.throws(() => parseConfig(text, 'cams.yaml'), {
        name: 'ConfigError',
        message: /^cams\.yaml:\d+: the file is too large for a configuration; allowed: (32 levels|100000 values)/,
      });
    });
  }
});
