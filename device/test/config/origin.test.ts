import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesOrigin, namesHost, parseOrigin } from '../../src/config/origin.ts';

describe('an entry of api.origin', () => {
  const entries: [entry: string, matches: string[], others: string[]][] = [
    ['*', ['https://a.example', 'null', 'capacitor://localhost'], []],
    [
      'https://Wall.Example',
      ['https://wall.example', 'HTTPS://WALL.EXAMPLE', 'https://wall.example:443'],
      [
        'http://wall.example',
        'https://wall.example:8443',
        'https://wall.example.evil.example',
        'https://xwall.example',
        'null',
      ],
    ],
    ['https://wall.example:443', ['https://wall.example'], ['https://wall.example:444']],
    ['http://wall.example:8080', ['http://wall.example:8080'], ['http://wall.example', 'http://wall.example:80']],
    [
      'http://localhost:*',
      ['http://localhost', 'http://localhost:5173'],
      ['https://localhost', 'http://localhost.evil.example:1'],
    ],
    [
      'https://*.example.org',
      ['https://a.example.org', 'https://a.b.example.org'],
      [
        'https://example.org',
        'https://aexample.org',
        'http://a.example.org',
        'https://a.example.org:8443',
        'https://a.example.org.evil.example',
        'https://.example.org',
        'https://evil.example/.example.org',
        'https://evil.example:1.example.org',
      ],
    ],
    ['https://*.example.org:*', ['https://a.example.org:8443', 'https://a.example.org'], ['https://example.org:8443']],
    [
      'https://pr-*.preview.example.org',
      ['https://pr-12.preview.example.org', 'https://pr-.preview.example.org'],
      ['https://pr-1.2.preview.example.org', 'https://x.preview.example.org'],
    ],
    ['https://*', ['https://a.example', 'https://localhost'], ['http://a.example', 'https://a.example:8443']],
    [
      'http://192.168.1.*',
      ['http://192.168.1.7'],
      ['http://192.168.1.evil', 'http://192.168.1.7.evil.example', 'http://192.168.2.7'],
    ],
    ['http://[::1]:8080', ['http://[::1]:8080'], ['http://[::1]']],
    ['https://bücher.example', ['https://xn--bcher-kva.example'], ['https://bucher.example']],
    ['null', ['null'], ['https://null', '']],
    [
      'capacitor://localhost',
      ['capacitor://localhost'],
      ['capacitor://localhost:1', 'ionic://localhost', 'https://localhost', 'capacitor://localhost.evil'],
    ],
    ['ionic://localhost', ['ionic://localhost'], ['null']],
    ['tauri://localhost', ['tauri://localhost'], []],
    ['app://-', ['app://-'], ['app://x']],
    ['app://', ['app://'], ['app://x']],
    ['file://', ['file://'], ['null']],
    ['chrome-extension://*', ['chrome-extension://abcdef'], ['moz-extension://abcdef']],
    ['vscode-webview://*', ['vscode-webview://0a1b'], []],
  ];
  for (const [entry, matches, others] of entries) {
    it(`matches what it says: ${entry}`, () => {
      const pattern = parseOrigin(entry);
      for (const origin of matches) {
        assert.ok(matchesOrigin(pattern, origin), origin);
      }
      for (const origin of others) {
        assert.ok(!matchesOrigin(pattern, origin), origin);
      }
    });
  }

  for (const entry of [
    'wall.example',
    '//wall.example',
    'https://',
    'https:wall.example',
    'https://wall.example/',
    'https://wall.example/x',
    'https://u@wall.example',
    'https://a b',
    '*://wall.example',
    'https://*.*',
    'https://wall.*',
    'https://a*b*.example.org',
    'https://*.168.1.*',
    '*.example.org',
    'data://x',
    'capacitor://localhost/',
    '',
    ' ',
    'https://wall.example:99999',
    'https://wall.example:x',
  ]) {
    it(`is refused when no origin, or too many, could match it: ${JSON.stringify(entry)}`, () => {
      assert.throws(() => parseOrigin(entry), /allowed: "\*", or such as "https:\/\/example\.org"/);
    });
  }

  it('names its host, by which the device may be reached', () => {
    assert.ok(namesHost(parseOrigin('https://nvr.example:8443'), 'nvr.example'));
    assert.ok(namesHost(parseOrigin('https://*.example.org:*'), 'a.example.org'));
    assert.ok(namesHost('*', 'any.example'));
    for (const entry of ['null', 'app://evil.example', 'file://', 'https://*.example.org']) {
      assert.ok(!namesHost(parseOrigin(entry), 'evil.example'), entry);
    }
  });

  it('is compared in linear time with what a page sends', () => {
    const pattern = parseOrigin('https://a*.b*.c*.example.org');
    const start = process.cpuUsage();
    for (const origin of [
      `https://${'a.'.repeat(8000)}`,
      `https://${'a'.repeat(280)}`,
      `https://${'a.b.c.'.repeat(48)}`,
    ]) {
      for (let n = 0; n < 100; n++) {
        assert.ok(!matchesOrigin(pattern, origin));
      }
    }
    const { user, system } = process.cpuUsage(start);
    assert.ok(user + system < 1_000_000, `${user + system} µs for 300 comparisons`);
  });
});
