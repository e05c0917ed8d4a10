import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseConfig, readConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { demoConfig } from '../../src/config/demo.ts';

const parse = (text: string) => parseConfig(text, 'cams.yaml');

function refused(text: string): ConfigError {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.ok(!error.message.includes('\n'), 'the error is one line');
    return error;
  }
  assert.fail(`accepted: ${text}`);
}

describe('the configuration', () => {
  it("has go2rtc's defaults for absent keys, and listens on this machine only", () => {
    const config = parse('');
    assert.deepEqual(config.api.listen, { host: '127.0.0.1', port: 1984 });
    assert.deepEqual(config.api.origin, []);
    assert.deepEqual(config.webrtc, { listen: { port: 8555 }, candidates: [], iceServers: [] });
    assert.equal(config.multistream.maxSlots, 9);
    assert.deepEqual(config.streams, []);
  });

  it('reads every key', () => {
    const config = parse(`
api: { listen: "0.0.0.0:80", origin: ["https://a.example", "https://b.example"] }
webrtc:
  listen: "[::1]:8556/udp"
  ice_servers:
    - urls: stun:stun.example.org:3478
    - urls: [turn:turn.example.org:3478]
      username: user
      credential: secret
multistream: { max_slots: 16 }
streams:
  camera1: rtsp://user:secret@192.168.1.10:554/stream#transport=udp
  camera1-360p: ffmpeg:camera1#video=h264#height=360#bitrate=500#fps=10#gop=20#hardware#audio=opus
  listed:
    - https://u:p@h/live.m3u8
    - ffmpeg:file:/srv/one.mp4#video=h264
    - ffmpeg:virtual?video=testsrc&size=720&rate=25&decimals=2#video=h264
  detailed: { source: "rtsps://h/x", preload: true, linger: 1m, transcode: false }
preload: { camera1-360p: video }
`);
    assert.deepEqual(config.api.listen, { host: '0.0.0.0', port: 80 });
    assert.deepEqual(config.api.origin, ['https://a.example', 'https://b.example']);
    assert.deepEqual(config.webrtc.listen, { host: '::1', port: 8556, transport: 'udp' });
    assert.deepEqual(config.webrtc.iceServers, [
      { urls: ['stun:stun.example.org:3478'] },
      { urls: ['turn:turn.example.org:3478'], username: 'user', credential: 'secret' },
    ]);
    assert.equal(config.multistream.maxSlots, 16);
    const usual = { preload: false, linger: undefined, transcode: true };
    const own = (source: object, output: object) => ({ kind: 'own', source, output });
    assert.deepEqual(config.streams, [
      {
        name: 'camera1',
        input: {
          kind: 'own',
          sources: [
            own(
              { kind: 'rtsp', url: 'rtsp://user:secret@192.168.1.10:554/stream', transport: 'udp' },
              { kind: 'copy' },
            ),
          ],
        },
        ...usual,
      },
      {
        name: 'camera1-360p',
        input: {
          kind: 'variant',
          of: 'camera1',
          output: { kind: 'encode', height: 360, bitrate: 500, fps: 10, gop: 20, hardware: true },
          sound: ['OPUS'],
        },
        sound: ['OPUS'],
        ...usual,
        preload: true,
      },
      {
        name: 'listed',
        input: {
          kind: 'own',
          sources: [
            own({ kind: 'http', url: 'https://u:p@h/live.m3u8' }, { kind: 'copy' }),
            own({ kind: 'file', path: '/srv/one.mp4', sound: [] }, { kind: 'encode' }),
            own(
              { kind: 'virtual', video: 'testsrc', width: 1280, height: 720, rate: 25, decimals: 2 },
              { kind: 'encode' },
            ),
          ],
        },
        ...usual,
      },
      {
        name: 'detailed',
        input: {
          kind: 'own',
          sources: [own({ kind: 'rtsp', url: 'rtsps://h/x', transport: 'tcp' }, { kind: 'copy' })],
        },
        preload: true,
        linger: 60_000,
        transcode: false,
      },
    ]);
  });

  it('is valid in its embedded form: six cameras, each in two more sizes', () => {
    assert.equal(parse(demoConfig).streams.length, 18);
  });

  it('knows the place of a key, for errors that show only in use', () => {
    assert.equal(parse('streams: {}\napi:\n  listen: ":80"').where('api', 'listen'), 'cams.yaml:3');
    assert.equal(parse('streams: {}').where('api', 'listen'), 'cams.yaml:1');
  });

  it('reads how pictures reach the viewers', () => {
    const { multistream, webrtc } = parseConfig('', 'cams.yaml');
    assert.deepEqual([multistream.gop, multistream.adaptive], [{ units: 750, bytes: 16 * 1024 * 1024 }, true]);
    assert.deepEqual(webrtc.candidates, []);
    const own = parseConfig(
      'multistream: { gop_max_frames: 100, gop_max_bytes: 1000000, adaptive: false }\n' +
        'webrtc:\n  candidates:\n    - 192.168.1.123:8555\n    - "[2001:db8::1]:8555"\n    - cams.example.org:443',
      'cams.yaml',
    );
    assert.deepEqual([own.multistream.gop, own.multistream.adaptive], [{ units: 100, bytes: 1_000_000 }, false]);
    assert.deepEqual(own.webrtc.candidates, [
      { host: '192.168.1.123', port: 8555 },
      { host: '2001:db8::1', port: 8555 },
      { host: 'cams.example.org', port: 443 },
    ]);
    assert.deepEqual(parseConfig('multistream: { gop_cache: false }', 'cams.yaml').multistream.gop, {
      units: 0,
      bytes: 0,
    });
  });

  const mistakes: [text: string, reason: ConfigError['reason'], line: string, says: string][] = [
    ['api: [', 'not-yaml', ':1', 'not valid YAML'],
    ['streams:\n  a: *nothing', 'not-yaml', ':2', '*nothing refers to nothing: no &nothing stands above it'],
    [
      'api: {}\nstreams: {}\nstreams: {}',
      'not-yaml',
      ':2',
      'this key stands in the lines 2 and 3, and keys must be unique',
    ],
    ['api:\n  listen: ":80"\n  listen: ":81"', 'not-yaml', ':2', 'lines 2 and 3'],
    ['api: {}\napi: {}', 'not-yaml', ':1', 'lines 1 and 2'],
    ['streams:\n  - a: rtsp://h/x', 'invalid-value', ':1', 'not a list; allowed: a section of streams by name'],
    ['api:\n  tls_cert: |\n    no PEM\n  tls_key: |\n    no PEM', 'invalid-value', ':2', 'the text is no PEM'],
    ['strems: {}', 'unknown-key', ':1', '"strems"; allowed: api, webrtc, multistream, streams'],
    ['api:\n  lisen: ":80"', 'unknown-key', ':2', '"api.lisen"; allowed: listen, origin'],
    [
      'webrtc:\n  ice_servers:\n    - urls: stun:x\n      user: me',
      'unknown-key',
      ':4',
      'allowed: urls, username, credential',
    ],
    [
      'webrtc:\n  ice_servers: [{ urls: "turn.example.org:3478" }]',
      'invalid-value',
      ':2',
      'not a server; allowed: a URL',
    ],
    ['webrtc:\n  ice_servers: [{ urls: "stun:a?transport=tcp" }]', 'invalid-value', ':2', 'not a server'],
    ['webrtc:\n  ice_servers: [{ urls: "turn:a:1" }]', 'invalid-value', ':2', 'needs a username and a credential'],
    ['- 3', 'invalid-value', ':1', 'not a list; allowed: a file with the sections api, webrtc, multistream, streams'],
    ['api: { listen: "1984" }', 'invalid-value', ':1', 'allowed: ":1984"'],
    ['multistream:\n  max_slots: 65', 'invalid-value', ':2', 'a whole number from 1 to 64'],
    ['multistream:\n  gop_cache: maybe', 'invalid-value', ':2', 'true or false'],
    ['multistream:\n  gop_max_frames: 0', 'invalid-value', ':2', 'a whole number from 1 to 10000'],
    ['webrtc:\n  candidates: [cams.example.org]', 'invalid-value', ':2', 'allowed: "192.168.1.123:8555"'],
    ['webrtc:\n  candidates: ["not a name:8555"]', 'invalid-value', ':2', 'is not a candidate'],
    ['webrtc:\n  candidates: ["1.2.3:8555"]', 'invalid-value', ':2', 'is not a candidate'],
    ['webrtc:\n  candidates: ["1.2.3.4:99999"]', 'invalid-value', ':2', 'is not a candidate'],
    ['streams:\n  a: { source: "rtsp://h/x", preoad: true }', 'unknown-key', ':2', 'allowed: source, preload'],
    ['streams:\n  a: { source: "rtsp://h/x", linger: soon }', 'invalid-value', ':2', 'such as 10s'],
    ['streams:\n  a: rtsp://h/x#transport=smoke', 'invalid-value', ':2', 'allowed: tcp, udp'],
    ['multistream: { linger: 1000h }', 'invalid-value', ':1', 'up to 24h'],
    ['streams:\n  a: ffmpeg:virtual?video=nothing', 'invalid-value', ':2', 'unknown video "nothing"; allowed: testsrc'],
    ['streams:\n  a: ffmpeg:virtual?volume=3', 'invalid-value', ':2', 'unknown key "volume"; allowed: video'],
    ['streams:\n  a: ffmpeg:virtual?size=7', 'invalid-value', ':2', 'WIDTHxHEIGHT'],
    ['streams:\n  a: rtsp://h/x\n  b: ffmpeg:a#video=h264#height=361', 'invalid-value', ':3', 'an even number'],
    [
      'streams:\n  a: rtsp://h/x\n  b: ffmpeg:a#hieght=360',
      'invalid-value',
      ':3',
      'probably #height; allowed here: #video',
    ],
    [
      'streams:\n  a:\n    - rtsp://h/x\n    - rstp://h/y',
      'invalid-value',
      ':4',
      'unknown scheme "rstp:", probably rtsp:',
    ],
    ['streams:\n  a: rtsp://h/x#trasport=udp', 'invalid-value', ':2', 'probably #transport'],
    ['webrtc: { listen: ":8555/sctp" }', 'invalid-value', ':1', 'not an address'],
    ['webrtc: { listen: ":0/tcp" }', 'invalid-value', ':1', 'allowed for TCP: a port, such as ":8555/tcp"'],
    ['streams:\nyard: rtsp://h/x', 'unknown-key', ':2', '"yard"; allowed: api'],
    ['constructor: text', 'unknown-key', ':1', '"constructor"; allowed: api'],
    ['api:\n  __proto__: {}', 'unknown-key', ':2', '"api.__proto__"; allowed: listen'],
    ['multistream: { max_slots: nine }', 'invalid-value', ':1', 'a whole number from 1 to 64'],
    ['streams:\n  a: rtsp://h/x\n  b: ffmpeg:a#height=360', 'invalid-value', ':3', '#video=h264'],
  ];
  for (const [text, reason, line, says] of mistakes) {
    it(`names the line and what is allowed: ${text.replaceAll('\n', ' ')}`, () => {
      const error = refused(text);
      assert.equal(error.reason, reason);
      assert.ok(error.message.startsWith(`cams.yaml${line}: `), error.message);
      assert.ok(error.message.includes(says), error.message);
    });
  }

  it('never repeats a source, which may hold a password', () => {
    for (const source of [
      'foo://u:secret@h',
      'rtsp://u:secret@',
      'ffmpeg:rtsp://u:secret@#video=h264',
      'rtsp://u:my#secret@h/',
      'rtsp://u:12#secret@h/',
      'tapo://secret@h',
      'ffmpeg:exec:curl https://u:secret@h',
      'rtsp://u:secret@h/#x=1',
      'rtsp://h/x#transport=ws://u:secret@h',
      'ffmpeg:a#video=secret@#audio=opus',
    ]) {
      let said: string;
      try {
        const { streams, passedOver } = parse(`streams:\n  a: ${source}`);
        const { input } = streams[0] as (typeof streams)[0];
        said = passedOver.join() + (input.kind === 'unsupported' ? input.reason : '');
      } catch (error) {
        said = (error as Error).message;
      }
      assert.match(said, /cams.yaml:2/, source);
      assert.ok(!said.includes('secret'), `${source}: ${said}`);
    }
  });

  it('is read from a file, and says when there is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'multistream-config-'));
    try {
      const file = join(folder, 'own.yaml');
      await writeFile(file, 'multistream: { max_slots: 4 }');
      assert.equal(readConfig(file).multistream.maxSlots, 4);
      assert.throws(() => readConfig(join(folder, 'absent.yaml')), {
        reason: 'unreadable',
        message: /absent\.yaml: .*ENOENT/,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
