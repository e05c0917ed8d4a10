import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { type Config, parseConfig, readConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { matchesOrigin, parseOrigin } from '../../src/config/origin.ts';
import { fuzz } from '../support/fuzz.ts';

const folder = mkdtempSync(join(tmpdir(), 'multistream-config-fuzz-'));
after(() => rmSync(folder, { recursive: true }));

/** A configuration, or the one line that says why there is none. */
function attempt(read: () => Config): Config | string {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof ConfigError, `${error instanceof Error ? error.stack : error}`);
    assert.match(error.message, /^[^\n\r]+$/);
    return error.message;
  }
}

function check(read: () => Config): void {
  const config = attempt(read);
  if (typeof config === 'string') {
    return;
  }
  const names = new Map(config.streams.map((stream) => [stream.name, stream]));
  for (const { name, input } of config.streams) {
    if (input.kind === 'unsupported') {
      const isTold = config.passedOver.some((note) => note.includes('streams.'));
      assert.ok(input.reason !== '' && isTold, `${name} is offline, and nothing says why`);
    } else if (input.kind === 'variant') {
      assert.ok(names.has(input.of) && names.get(input.of)?.input.kind !== 'unsupported', `${name} has no parent`);
    } else {
      assert.ok(input.sources.length > 0, `${name} has no source`);
    }
  }
}

const inherited = fc.constantFrom('__proto__', 'constructor', 'prototype', 'valueOf', 'toString', 'hasOwnProperty');
const word = fc.oneof(inherited, fc.constantFrom('a', 'b', '01', '1', '', 'null', '~', 'true'), fc.string());
const scheme = fc.constantFrom(
  'rtsp',
  'rtsps',
  'rtspx',
  'http',
  'httpx',
  'file',
  'ffmpeg',
  'onvif',
  'exec',
  'foo',
  'RTSP',
);
const parameter = fc.tuple(
  fc.oneof(fc.constantFrom('video', 'audio', 'height', 'width', 'bitrate', 'transport', 'tls_verify', 'tcp'), word),
  fc.oneof(fc.constantFrom('h264', 'copy', 'mjpeg', '360', '-1', '4M', 'udp'), word),
);
const source = fc.oneof(
  fc
    .tuple(scheme, fc.constantFrom(':', '://'), word, fc.array(parameter, { maxLength: 4 }))
    .map(([name, colon, rest, params]) => `${name}${colon}${rest}${params.map(([k, x]) => `#${k}=${x}`).join('')}`),
  fc.tuple(scheme, word).map(([inner, rest]) => `ffmpeg:${inner}://${rest}`),
  word,
  word.map((name) => `rtsp://\${${name}}@h/x`),
);
const key = fc.oneof(
  word,
  fc.constantFrom('source', 'url', 'preload', 'linger', 'transcode', 'listen', 'origin', 'candidates', 'ice_servers'),
  fc.constantFrom('username', 'password', 'tokens', 'token', 'streams', 'level', 'format', 'max_slots', 'gop_cache'),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    source,
    fc.constant(null),
    fc.nat(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map(Object.fromEntries),
  ),
}));
const section = fc.oneof(
  fc.constantFrom('streams', 'streams', 'streams', 'api', 'webrtc', 'multistream', 'log', 'preload', 'watch', 'env'),
  fc.constantFrom('homekit', 'go2rtc', 'cameras', 'x-a'),
  word,
);
const file = fc.array(fc.tuple(section, value), { maxLength: 4 }).map((sections) => Object.fromEntries(sections));

describe('any file', () => {
  it('becomes a configuration, or one line that says why not: by keys and values', () =>
    fuzz({
      corpus: new URL('corpus/file/', import.meta.url),
      input: file,
      // JSON is YAML.
      holds: (tried) => check(() => parseConfig(JSON.stringify(tried), 'cams.yaml', {})),
    }));

  it('becomes a configuration, or one line that says why not: by pieces of YAML', () =>
    fuzz({
      corpus: new URL('corpus/text/', import.meta.url),
      input: fc
        .array(
          fc.oneof(
            fc.constantFrom(
              'streams:',
              'api:',
              '\n',
              '\n  ',
              ': ',
              '- ',
              '{',
              '}',
              '[',
              ']',
              '"',
              "'",
              '|',
              '>',
              '#',
              '\t',
            ),
            fc.constantFrom('&a ', '*a', '<<: ', '!!', '? ', '---', '${', '}', '%', '\r', '\ufeff', '\0', 'rtsp://h/x'),
            word,
          ),
          { maxLength: 30 },
        )
        .map((pieces) => pieces.join('')),
      holds: (text) => check(() => parseConfig(text, 'cams.yaml', {})),
    }));

  it('becomes a configuration, or one line that says why not: by bytes', () =>
    fuzz({
      corpus: new URL('corpus/bytes/', import.meta.url),
      input: fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        fc
          .tuple(fc.uint8Array({ maxLength: 4 }), fc.constantFrom('utf8', 'utf16le', 'latin1'))
          .map(([mark, encoding]) =>
            Buffer.concat([mark, Buffer.from('streams:\n  küche: rtsp://h/x\n', encoding as BufferEncoding)]),
          ),
      ),
      runs: 300,
      holds: (bytes) => {
        const name = join(folder, 'cams.yaml');
        writeFileSync(name, bytes);
        check(() => readConfig(name));
      },
    }));

  it('shows the secret of a source to no reader', () =>
    fuzz({
      corpus: new URL('corpus/secret/', import.meta.url),
      input: fc.tuple(
        scheme,
        fc.constantFrom('', '/', '#', '?', '%', ':', '@', ' '),
        fc.array(parameter, { maxLength: 3 }),
      ),
      holds: ([name, odd, params]) => {
        const text = `${name}://user:${odd}5ecret${odd}@h/x${params.map(([k, x]) => `#${k}=${x}`).join('')}`;
        const said = attempt(() => parseConfig(JSON.stringify({ streams: { a: text, b: [text] } }), 'cams.yaml', {}));
        const shown =
          typeof said === 'string'
            ? said
            : JSON.stringify([said.passedOver, said.streams.map(({ input }) => input.kind === 'unsupported' && input)]);
        assert.ok(!shown.includes('5ecret'), shown);
      },
    }));
});

describe('any entry of api.origin', () => {
  it('is refused, or matches an origin that has its form', () =>
    fuzz({
      corpus: new URL('corpus/origin/', import.meta.url),
      input: fc
        .tuple(
          fc.constantFrom('https://', 'http://', 'app://', 'capacitor://', ''),
          fc.array(
            fc.oneof(fc.constantFrom('*', 'a', 'example', 'org', 'a*', '*b', 'ü', '1'), fc.string({ maxLength: 3 })),
            {
              minLength: 1,
              maxLength: 4,
            },
          ),
          fc.constantFrom('', ':*', ':8080', ':443', '/'),
        )
        .map(([start, labels, port]) => `${start}${labels.join('.')}${port}`),
      holds: (entry) => {
        let pattern: string;
        try {
          pattern = parseOrigin(entry);
        } catch (error) {
          assert.match((error as Error).message, /allowed: "\*", or such as/);
          return;
        }
        // A number, for networks; a letter, since a name that ends with a number is an address.
        const origins = ['7', 'x'].map((fill) => pattern.replace(/:\*$/, ':81').replaceAll('*', fill));
        const origin = origins.find((origin) => matchesOrigin(pattern, origin));
        assert.ok(origin !== undefined, `${pattern} matches none of ${origins}`);
        const isOpen = /^\*$|:\/\/\*(:|$)/.test(pattern);
        assert.ok(isOpen || !matchesOrigin(pattern, `${origin}.evil.test`), `${pattern} matches more than it says`);
      },
    }));
});
