import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { fuzz } from '../../device/test/support/fuzz.ts';
import { readCameraPage } from '../../src/iframe-upgrade/camera-page.ts';

const names = ['src', 'token', 'background', 'mode', 'media', 'SRC', '__proto__', 'constructor', 'x'];
const values = fc.oneof(
  fc.constantFrom(
    '',
    'door',
    'rtsp://camera/',
    'true',
    'false',
    'webrtc',
    'mse,webrtc',
    'video,audio',
    'microphone',
    '%',
    '%ff',
    'a&b',
    '日',
  ),
  fc.string(),
);
const parameter = fc
  .tuple(fc.constantFrom(...names), values, fc.boolean())
  .map(([name, value, isRaw]) =>
    isRaw ? `${name}=${value}` : `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`,
  );
const start = fc.constantFrom(
  ...[
    '',
    '/',
    '//other.example',
    'https://device.example',
    'http://a:b@device.example',
    'http://[::1]:1984',
    'javascript:',
    'data:',
    'blob:',
  ],
);
/** Mostly understood: the names of streams are anything. */
const usual = fc
  .tuple(
    fc.constantFrom('https://device.example', 'http://[::1]:1984', '//other.example', ''),
    fc.oneof(fc.constantFrom('', '/sub', '/a b', '/..', '/%2e', '//x'), fc.webPath()),
    fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 4 }),
    fc.subarray(['token=a%20b', 'background=true', 'mode=webrtc,mse', 'media=video,audio']),
  )
  .map(
    ([begin, path, streams, more]) =>
      `${begin}${path}/stream.html?${[...streams.map((name) => `src=${encodeURIComponent(name)}`), ...more].join('&')}`,
  );
const address = fc.oneof(
  usual,
  fc
    .tuple(
      start,
      fc.constantFrom('', '/sub', '/a b', '/..', '/%2e'),
      fc.constantFrom('/stream.html', '/stream.html/', '/stream.htm'),
      fc.array(parameter, { maxLength: 5 }),
    )
    .map(([begin, path, page, query]) => `${begin}${path}${page}?${query.join('&')}`),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string(),
);

describe('the address of an iframe', () => {
  it('is left alone, or gives names of streams of a device whose address is one of http', () =>
    fuzz({
      corpus: new URL('corpus/address/', import.meta.url),
      input: address,
      runs: 3000,
      holds: (src) => {
        const attributes: Record<string, string> = { src };
        const iframe = {
          baseURI: 'https://page.example/folder/',
          getAttribute: (name: string) => attributes[name] ?? null,
          hasAttribute: (name: string) => Object.hasOwn(attributes, name),
          closest: () => null,
        };
        const page = readCameraPage(iframe as unknown as Parameters<typeof readCameraPage>[0]);
        if (page === null) {
          return;
        }
        const { protocol, username, password, search, hash, href } = new URL(page.device);
        assert.match(protocol, /^https?:$/);
        assert.equal(`${username}${password}${search}${hash}`, '');
        assert.ok(page.streams.length > 0 && page.streams.every((name) => name !== '' && !name.includes('://')));
        // The iframe would have opened the same page.
        const opened = new URL(src, iframe.baseURI);
        assert.equal(`${href.replace(/\/$/, '')}/stream.html`, `${opened.origin}${opened.pathname}`);
        assert.deepEqual(opened.searchParams.getAll('src'), page.streams);
      },
    }));
});
