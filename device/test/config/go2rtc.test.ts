import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Config, parseConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { certificate, certificateKey } from '../support/certificate.ts';

const parse = (text: string, environment: Record<string, string> = {}) => parseConfig(text, 'cams.yaml', environment);

/** These files are like those of go2rtc's users. */
describe('a file of go2rtc', () => {
  it('may have sections and parameters without a meaning here, which are passed over with their lines', () => {
    const config = parse(`
homekit:
  door: { pin: 12345678 }
webrtc:
  filters: { networks: [udp4] }
  candidates:
    - 203.0.113.7:8555
    - stun:8555
streams:
  door: rtsp://h/x#backchannel=0#transport=udp#media=video
  yard:
    - ffmpeg:rtsp://h/y#video=h264#raw=-vf transpose=1#height=360
`);
    assert.deepEqual(
      config.passedOver.map((what) => what.split(': ', 2).join(': ')),
      [
        'cams.yaml:2: homekit',
        'cams.yaml:5: webrtc.filters',
        'cams.yaml:8: webrtc.candidates',
        'cams.yaml:10: streams.door',
        'cams.yaml:12: streams.yard',
      ],
    );
    assert.match(config.passedOver.join(), /#backchannel means .*#raw/);
    assert.deepEqual(config.webrtc.candidates, [{ host: '203.0.113.7', port: 8555 }]);
    const [door, yard] = config.streams.map(({ input }) => (input.kind === 'own' ? input.sources[0] : undefined));
    assert.deepEqual(door?.source, { kind: 'rtsp', url: 'rtsp://h/x', transport: 'udp', sound: [] });
    assert.deepEqual(yard?.output, { kind: 'encode', height: 360 });
  });

  it('may list a stream among its own sources, for its sound or for its encoded form', () => {
    const { streams } = parse(`
streams:
  door: [rtsp://h/x, "ffmpeg:door#audio=opus"]
  yard: [rtsp://h/y, "ffmpeg:yard#video=h264#hardware#audio=copy"]
`);
    assert.deepEqual(
      streams.map(({ input, encoded }) => [input.kind === 'own' && input.sources.length, encoded]),
      [
        [1, undefined],
        [1, { kind: 'encode', hardware: true }],
      ],
    );
  });

  it('may name variables of the environment, which may hold any characters', () => {
    const { api, streams } = parse(
      `
api: { username: "\${USER}", password: "\${PASSWORD}" }
streams:
  door: rtsp://\${USER:nobody}:\${CAMERA:x%40y}@h/x
  yard: ["file:\${FOLDER}/one.mp4"]
`,
      { USER: 'admin', PASSWORD: '1234: #"', FOLDER: '/srv' },
    );
    assert.deepEqual(api.user, { name: 'admin', password: '1234: #"' });
    assert.deepEqual(
      streams.map(({ input }) => input.kind === 'own' && input.sources.map(({ source }) => source)),
      [[{ kind: 'rtsp', url: 'rtsp://admin:x%40y@h/x', transport: 'tcp' }], [{ kind: 'file', path: '/srv/one.mp4' }]],
    );
    assert.throws(() => parse(`api:\n  username: admin\n  password: "\${PASSWORD}"`), {
      message: /^cams\.yaml:3: api\.password: the environment has no PASSWORD; allowed: one that is set/,
    });
  });

  it('may name streams by variables', () => {
    const { streams } = parse(`streams:\n  \${NAME}: rtsp://h/1\n  \${OTHER:yard}: rtsp://h/2`, { NAME: 'door' });
    assert.deepEqual(
      streams.map(({ name }) => name),
      ['door', 'yard'],
    );
  });

  it('loses the sources whose variables have no value, and plays the others', () => {
    const { streams, passedOver } = parse(
      `streams:\n  door: rtspx://u:\${CODE}@\${HOST}:322/live\n  yard:\n    - rtsp://\${NOT_SET}@h/x\n    - rtsp://h/y\n` +
        `  gate: {source: "rtsp://\${NOT_SET}/x", preload: true}\n  back: "file:\${SET}"`,
      { SET: `/srv/\${this}.mp4` },
    );
    assert.deepEqual(
      streams.map(({ input }) => (input.kind === 'own' ? input.sources.map(({ source }) => source) : input)),
      [
        { kind: 'unsupported', reason: 'the environment has no CODE' },
        [{ kind: 'rtsp', url: 'rtsp://h/y', transport: 'tcp' }],
        { kind: 'unsupported', reason: 'the environment has no NOT_SET' },
        [{ kind: 'file', path: `/srv/\${this}.mp4` }],
      ],
    );
    assert.deepEqual(passedOver, [
      'cams.yaml:2: streams.door: the environment has no CODE',
      'cams.yaml:4: streams.yard: the environment has no NOT_SET',
      'cams.yaml:6: streams.gate: the environment has no NOT_SET',
    ]);
  });

  it('may add whole sections by a line that is nothing but a variable', () => {
    const yaml = `streams:\n  a: rtsp://h/x\n\n\${LOGS:}  # nothing by default\r\n\${MORE}\nwatch: true\n`;
    assert.deepEqual([parse(yaml).log.level, parse(yaml).watch, parse(yaml).streams.length], ['info', true, 1]);
    assert.equal(parse(yaml, { LOGS: 'log: { level: debug }' }).log.level, 'debug');
    assert.throws(() => parse(yaml, { MORE: 'strems: {}' }), { message: /^cams\.yaml:5: unknown key "strems"/ });
  });

  it('may hold a key of several lines in a variable', () => {
    const { api } = parse(`api:\n  tls_cert: |\n    \${CERT}\n  tls_key: |\n    \${KEY}\n`, {
      CERT: certificate,
      KEY: certificateKey,
    });
    assert.equal(api.tls?.key.trim(), certificateKey.trim());
  });

  it('may have anchors, merged keys, a byte order mark, lines of Windows and names of any kind', () => {
    const { streams } = parse(
      '\ufeffx-camera: &camera { source: "rtsp://h/x", preload: true }\r\nstreams:\r\n' +
        '  Front Door: *camera\r\n  küche/1.2:\r\n    <<: *camera\r\n    preload: false\r\n  7: " rtsp://h/y "\r\npreload: [7]\r\n',
    );
    assert.deepEqual(
      streams.map(({ name, preload }) => [name, preload]),
      [
        ['7', true],
        ['Front Door', true],
        ['küche/1.2', false],
      ],
    );
  });

  it('may have sections that only hold anchors, and a second document, which is not read', () => {
    const { streams, passedOver } = parse(
      'cameras_base: &all\n  a: rtsp://h/1\nyard: &yard rtsp://h/2\nstreams:\n  <<: *all\n  b: *yard\n---\nstreams:\n  c: rtsp://h/3\n',
    );
    assert.deepEqual(
      streams.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(
      passedOver.map((what) => what.split(';', 1)[0]),
      [
        'cams.yaml:1: cameras_base: a section that means nothing here',
        'cams.yaml:3: yard: a section that means nothing here',
        'cams.yaml:7: a second document begins here, and only the first is read',
      ],
    );
  });

  it('may name a file behind ffmpeg:, and the transport of a camera', () => {
    const { streams } = parse(
      'streams:\n  a: ffmpeg:/srv/one.mp4#video=h264\n  b: ffmpeg:rtsp://h/x#transport=udp#video=h264#height=360',
    );
    assert.deepEqual(
      streams.map(({ input }) => input.kind === 'own' && input.sources[0]),
      [
        { kind: 'own', source: { kind: 'file', path: '/srv/one.mp4', sound: [] }, output: { kind: 'encode' } },
        {
          kind: 'own',
          source: { kind: 'rtsp', url: 'rtsp://h/x', transport: 'udp', reader: 'ffmpeg', sound: [] },
          output: { kind: 'encode', height: 360 },
        },
      ],
    );
  });

  /** go2rtc 1.9.14: every section that it reads, and those of its modules that read none. */
  const sections = [
    ...[
      'app: { modules: [api, ws] }',
      'publish: { a: rtmp://h/live }',
      'ffmpeg: { bin: ffmpeg, h264: "-c:v libx264" }',
    ],
    ...['hass: { config: /config }', 'homekit: { a: { pin: 12345678, name: } }', 'ngrok: { command: ngrok tcp 8555 }'],
    ...[
      'rtsp: { listen: ":8554", username: "", password: "", default_query: video, pkt_size: 1 }',
      'srtp: { listen: }',
    ],
    ...[
      'rtmp: { listen: ":1935" }',
      'webtorrent: { trackers: [], shares: { a: { pwd: "1234", src: a } } }',
      'mqtt: {}',
    ],
    ...[
      'wyoming: { a: { listen: ":1" } }',
      'wyze: { a: { api_id: b } }',
      'xiaomi: { "1": token }',
      'pinggy: { tunnel: x }',
    ],
    ...[
      'echo: { allow_paths: [python3] }',
      'exec: { allow_paths: [] }',
      'hls:',
      'mjpeg:',
      'mp4:',
      'onvif:',
      'debug: {}',
    ],
    ...[`homekit: { a: { pin: "\${NOT_SET}" } }`],
  ];
  for (const section of sections) {
    it(`may have a section of go2rtc's other modules: ${section}`, () => {
      const [name] = section.split(':');
      const { streams, passedOver } = parse(`streams:\n  a: rtsp://h/x\n${section}`);
      assert.equal(streams.length, 1);
      assert.deepEqual(passedOver, [`cams.yaml:3: ${name}: a section that is go2rtc's alone`]);
    });
  }

  const keys: [yaml: string, read: (config: Config) => unknown, expected: unknown, notes: string[]][] = [
    ['webrtc:\n  listen: ":8555/tcp"', ({ webrtc }) => webrtc.listen, { port: 8555, transport: 'tcp' }, []],
    ['webrtc:\n  listen: " :8555/UDP "', ({ webrtc }) => webrtc.listen, { port: 8555, transport: 'udp' }, []],
    ['webrtc:\n  listen: ""', ({ webrtc }) => webrtc.listen, { port: 0 }, []],
    [
      'webrtc:\n  filters: { udp_ports: [1, 2] }',
      ({ webrtc }) => webrtc.listen,
      { port: 8555 },
      [':2: webrtc.filters'],
    ],
    ['webrtc:\n  candidates: stun:8555', ({ webrtc }) => webrtc.candidates, [], [':2: webrtc.candidates: stun:8555']],
    [
      'webrtc:\n  candidates:\n    - stun: 8555',
      ({ webrtc }) => webrtc.candidates,
      [],
      [':3: webrtc.candidates: stun:8555'],
    ],
    [
      'webrtc:\n  candidates: [" stun : 8555 "]',
      ({ webrtc }) => webrtc.candidates,
      [],
      [':2: webrtc.candidates: stun:8555'],
    ],
    [
      'webrtc:\n  candidates: [" 192.168.1.9 : 8555 ", "", null]',
      ({ webrtc }) => webrtc.candidates,
      [{ host: '192.168.1.9', port: 8555 }],
      [],
    ],
    [
      'webrtc:\n  candidates:\n    - 192.168.1.9: 8555',
      ({ webrtc }) => webrtc.candidates,
      [{ host: '192.168.1.9', port: 8555 }],
      [],
    ],
    ['webrtc:\n  candidates:', ({ webrtc }) => webrtc.candidates, [], []],
    ['webrtc:\n  ice_servers:', ({ webrtc }) => webrtc.iceServers, [], []],
    ['api:\n  origin: ""', ({ api }) => api.origin, [], []],
    ['api:\n  listen:', ({ api }) => api.listen, { host: '127.0.0.1', port: 1984 }, []],
    ['api:\n  listen: ""', ({ api }) => api.listen, { host: '127.0.0.1', port: 1984 }, [':2: api.listen: empty']],
    ['api:\n  listen: ""\n  tls_listen: ":443"', ({ api }) => api.listen, { port: 443 }, []],
    ['api:\n  tls_listen: ":443"', ({ api }) => api.listen.port, 1984, [':2: api.tls_listen']],
    [
      'api:\n  local_auth: true\n  base_path: /rtc\n  static_dir: ""\n  unix_listen: /tmp/s',
      ({ api }) => api.listen.port,
      1984,
      [':2: api.local_auth', ':3: api.base_path', ':5: api.unix_listen'],
    ],
    ['api:\n  allow_paths: [/api/ws]', ({ api }) => api.listen.port, 1984, [':2: api.allow_paths']],
    [
      'api:\n  username: ""\n  password: ""',
      ({ api }) => api.user,
      undefined,
      [':2: api.username and api.password: empty'],
    ],
    [
      `api:\n  username: "\${A:}"\n  password: "\${B:}"`,
      ({ api }) => api.user,
      undefined,
      [':2: api.username and api.password: empty'],
    ],
    ['api:\n  password: ""', ({ api }) => api.user, undefined, [':2: api.username and api.password: empty']],
    ['api:\n  username:\n  password:', ({ api }) => api.user, undefined, []],
    ['api:\n  username: 007\n  password: 0x1F', ({ api }) => api.user, { name: '007', password: '0x1F' }, []],
    [
      'log:\n  level: DEBUG\n  format: ""\n  exec: trace\n  output: file\n  time: ""',
      ({ log }) => log,
      { level: 'debug', format: 'json', modules: { exec: 'trace' } },
      [],
    ],
    [
      'log: { level: verbose, exec: [a], api: "-1", rtsp: 7, format: xml }',
      ({ log }) => log,
      { level: 'info', format: 'json', modules: { api: 'trace', rtsp: 'silent' } },
      [':1: log.level: not a level', ':1: log.exec: not a level', ':1: log.format: not a format of this device'],
    ],
    ['log:\n  exec: loud', ({ log }) => log.modules, {}, [':2: log.exec: not a level of this device; allowed: trace']],
    ['homekit: { a: 1, a: 2 }\nhomekit:\nlog: {}', ({ log }) => log.level, 'info', [':1: homekit']],
    ['preload:\n  gone: video', ({ streams }) => streams, [], [':2: preload: there is no stream "gone"']],
    ['preload:\n  gone:', ({ streams }) => streams, [], [':2: preload: there is no stream "gone"']],
    ['streams:\napi:\nwebrtc:\nlog:\npreload:\nmultistream:\nwatch:', ({ streams }) => streams, [], []],
    [
      `watch: yes\nmultistream: { adaptive: "False", max_slots: "\${SLOTS:12}" }`,
      ({ watch, multistream }) => [watch, multistream.adaptive, multistream.maxSlots],
      [true, false, 12],
      [],
    ],
  ];
  for (const [yaml, read, expected, notes] of keys) {
    it(`may have keys that this device has not, and empty ones: ${yaml.replaceAll('\n', ' ')}`, () => {
      const config = parse(yaml);
      assert.deepEqual(read(config), expected);
      assert.deepEqual(
        config.passedOver.map((note, index) => note.startsWith(`cams.yaml${notes[index]}`)),
        notes.map(() => true),
        config.passedOver.join('\n'),
      );
    });
  }

  it('is refused when half of a login is empty, since the other half was meant to keep people out', () => {
    assert.throws(() => parse('api:\n  username: ""\n  password: secret'), {
      message: 'cams.yaml:2: api.username: empty, and api.password is not; allowed: both, or neither',
    });
  });

  it('may keep variables in its env section, and in the credentials of systemd', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'multistream-credentials-'));
    try {
      await writeFile(join(folder, 'FROM_SYSTEMD'), 'two\n');
      const { streams } = parse(
        'env: { OWN: one, __proto__: three }\n' +
          `streams:\n  a: rtsp://\${OWN}.\${FROM_SYSTEMD}.\${__proto__}.\${OTHER}.\${toString:five}/x`,
        { CREDENTIALS_DIRECTORY: folder, OWN: 'not this', OTHER: 'four' },
      );
      const [source] = streams[0]?.input.kind === 'own' ? streams[0].input.sources : [];
      assert.deepEqual(source?.source, { kind: 'rtsp', url: 'rtsp://one.two.three.four.five/x', transport: 'tcp' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  for (const [yaml, line] of [
    ['mqtt: { host: h }\ncameras: { a: {} }\ngo2rtc:\n  streams: { a: rtsp://h/x }', 3],
    ['mqtt: { host: h }\ndetectors: {}\ncameras: { a: { ffmpeg: { inputs: [] } } }', 3],
    ['go2rtc: { streams: { a: rtsp://h/x } }', 1],
  ] as const) {
    it(`is named as the wanted part of Frigate's whole file: ${yaml.replaceAll('\n', ' ')}`, () => {
      assert.throws(() => parse(yaml), {
        reason: 'unknown-key',
        message: new RegExp(`^cams\\.yaml:${line}: a file of Frigate's.*under "go2rtc:" is wanted here`),
      });
    });
  }

  it('may have keys that every JavaScript object has', () => {
    const { log, passedOver } = parse(
      'log: { valueOf: debug, constructor: info }\npreload: { toString: , __proto__: }',
    );
    assert.equal(log.level, 'info');
    assert.equal(passedOver.length, 2);
    for (const section of ['api', 'webrtc', 'multistream', 'streams: { a', 'homekit']) {
      for (const key of ['__proto__', 'constructor', 'valueOf', 'toString']) {
        const yaml = `${section}: { ${key}: { b: c } }${section.includes('{') ? ' }' : ''}`;
        try {
          parse(yaml);
        } catch (error) {
          assert.ok(error instanceof ConfigError, `${yaml}: ${error}`);
          assert.match(error.message, new RegExp(`^cams\\.yaml:1: unknown key "[a-z.]+\\.${key}"`));
        }
      }
    }
  });
});
