import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Config, parseConfig, type StreamConfig } from '../../src/config/config.ts';

const parse = (text: string, environment: Record<string, string> = {}) => parseConfig(text, 'cams.yaml', environment);

/** By name: the addresses of a stream's sources, its parent, or why it is offline. */
function inputs({ streams }: Config): Record<string, unknown> {
  return Object.fromEntries(streams.map(({ name, input }) => [name, shown(input)]));
}

function shown(input: StreamConfig['input']): unknown {
  switch (input.kind) {
    case 'own':
      return input.sources.map(({ source }) => ('url' in source ? source.url : source.kind));
    case 'variant':
      return `of ${input.of}`;
    case 'unsupported':
      return { offline: input.reason };
  }
}

/** Schemes that go2rtc 1.9.14 registers, with an address in the form that its documentation has. */
const foreign = [
  'alsa:device?audio=/dev/snd/pcmC0D0c',
  'bubble://u:p@192.168.1.9:34567/bubble/live?ch=0&stream=0',
  'doorbird://u:p@192.168.1.9',
  'dvrip://u:p@192.168.1.9:34567?channel=0&subtype=0',
  'eseecloud://u:p@192.168.1.9:80/livestream/12',
  'flussonic://example.org/stream/mp4',
  'gopro://172.20.100.51',
  'hass:Front Door',
  'homekit://192.168.1.9:51827?device_id=x',
  'isapi://u:p@192.168.1.9:80/',
  'ivideon:100-abc/0',
  'kasa://u:p@192.168.1.9:19443/https/stream/mixed',
  'multitrans://p@192.168.1.9:554',
  'nest:?client_id=x',
  'onvif://u:p@192.168.1.9:80?subtype=0',
  'ring:?device_id=x',
  'roborock://u:p@example.org?pin=1',
  'rtmp://192.168.1.9/bcs/channel0_main.bcs',
  'rtmps://192.168.1.9/live',
  'rtmpx://192.168.1.9/live',
  'tapo://p@192.168.1.9',
  'tcp://192.168.1.9:6969',
  'tuya:?device_id=x',
  'v4l2:device?video=/dev/video0',
  'vigi://p@192.168.1.9',
  'webrtc:ws://192.168.1.9:1984/api/ws?src=a',
  'webtorrent:?share=abc&pwd=def',
  'wyoming://192.168.1.9',
  'wyze://192.168.1.9?uid=x',
  'xiaomi://1:cn@192.168.1.9?did=2',
  'yandex:?device_id=x',
  'camlink://u:p@192.168.1.9/of-a-later-version',
  'rtsp://u:p@[fe80::1%25eth0]/with-a-zone',
  'ffmpeg:device?video=0#video=h264',
  'ffmpeg:tts?text=hello#audio=pcma',
  'ffmpeg:srt://192.168.1.9:1234#video=copy',
  'ffmpeg:rtmp://192.168.1.9/live#video=h264',
];
const commands = [
  'echo:python3 source.py',
  'exec:ffmpeg -i x -f rtsp {output}',
  'expr: "rtsp" + host',
  'ffmpeg:exec:rm',
];

describe("a source of go2rtc's that this device cannot open", () => {
  for (const source of [...foreign, ...commands]) {
    it(`costs its own stream alone: ${source}`, () => {
      const config = parse(`streams:\n  yard: rtsp://h/y\n  door: '${source}'`);
      const { yard, door } = inputs(config) as { yard: unknown; door: { offline: string } };
      assert.deepEqual(yard, ['rtsp://h/y']);
      assert.match(door.offline, /not available on this device|runs a command, which this device never does/);
      assert.deepEqual(config.passedOver, [`cams.yaml:3: streams.door: ${door.offline}`]);
    });

    it(`costs itself alone beside one that can be opened: ${source}`, () => {
      const config = parse(`streams:\n  door:\n    - '${source}'\n    - rtsp://h/x\n    - '${source}'`);
      assert.deepEqual(inputs(config), { door: ['rtsp://h/x'] });
      assert.deepEqual(
        config.passedOver.map((what) => what.split(': ', 2).join(': ')),
        ['cams.yaml:3: streams.door', 'cams.yaml:5: streams.door'],
      );
    });
  }

  it('gives its reason to a stream that has no other source', () => {
    const config = parse('streams:\n  door:\n    - onvif://u:p@h\n    - ffmpeg:door#audio=opus');
    assert.deepEqual(inputs(config), { door: { offline: '"onvif:" sources are not available on this device' } });
  });

  it('does not need the variables that it names', () => {
    assert.deepEqual(Object.keys(inputs(parse(`streams:\n  a: tapo://\${NOT_SET}@h\n  b: exec:run \${NOT_SET}`))), [
      'a',
      'b',
    ]);
  });

  it('takes the variants of its stream offline, too', () => {
    const config = parse('streams:\n  a: tapo://p@h\n  b: ffmpeg:a#video=h264#height=360\n  c: ffmpeg:b#video=h264');
    const { a, b, c } = inputs(config);
    assert.deepEqual([b, c], [a, a]);
  });
});

/** go2rtc starts with all of these; with a key that stands twice below `streams`, it has no streams at all. */
describe('a stream that cannot be read', () => {
  const unreadable: [stream: string, reason: RegExp][] = [
    ['a: 192.168.1.10', /^a source has a scheme; allowed: rtsp:/],
    ['a: camera.local:554/x', /^a source has a scheme/],
    ['a: 3', /^a source has a scheme/],
    ['a: yard', /^a source has a scheme/],
    ['a: rtsp:///x', /^the address is not a URL such as rtsp:/],
    ['a: rtsp://u:p/w@h/x', /in a password "@" is written %40/],
    ['a: rtsp://u:p#w@h/x', /a "#" that is part of a password is written %23/],
    ['a: "rtsp://h/x\\r\\ny"', /not a URL/],
    ['a: rtsp://h/1\n  a: rtsp://h/2', /^the configuration has its name twice, in the lines 3 and 4$/],
    ['a:\n    url: rtsp://h/1\n    url: rtsp://h/2', /^the configuration has its url twice, in the lines 4 and 5$/],
  ];
  for (const [stream, reason] of unreadable) {
    it(`costs itself alone: ${stream.replaceAll('\n', ' ')}`, () => {
      const config = parse(`streams:\n  yard: rtsp://h/y\n  ${stream}\npreload: [a]`);
      const { yard, a } = inputs(config) as { yard: unknown; a: { offline: string } };
      assert.deepEqual(yard, ['rtsp://h/y']);
      assert.match(a.offline, reason);
      assert.deepEqual(config.passedOver, [`cams.yaml:3: streams.a: ${a.offline}`]);
    });
  }

  it('costs itself alone where its name is empty, which is that of a slot without a stream', () => {
    const config = parse('streams:\n  "": rtsp://h/x\n  yard: rtsp://h/y');
    assert.deepEqual(inputs(config), { yard: ['rtsp://h/y'] });
    assert.match(config.passedOver.join(), /^cams\.yaml:2: streams: the empty name is that of a slot without a stream/);
  });
});

describe('a stream of a go2rtc file', () => {
  const cases: [what: string, yaml: string, expected: unknown, lines?: number[]][] = [
    ['is RTSP over TLS where the scheme is rtspx:', 'a: rtspx://u:p@h:322/live', { a: ['rtsps://u:p@h:322/live'] }],
    ['is HTTPS where the scheme is httpx:', 'a: httpx://h/x.flv', { a: ['https://h/x.flv'] }],
    ['plays without parameters that mean nothing here', 'a: rtsp://h/x#tcp', { a: ['rtsp://h/x'] }, [2]],
    ['plays with unknown parameters', 'a: rtsp://h/x#foo#bar=1', { a: ['rtsp://h/x'] }, [2]],
    ['plays where a parameter has no name', 'a: "rtsp://h/x#"', { a: ['rtsp://h/x'] }],
    ['may have headers', 'a: "http://h/x.m3u8#header=X-Key: a@b"', { a: ['http://h/x.m3u8'] }, [2]],
    ['may give FFmpeg options', 'a: ffmpeg:rtsp://h/x#tcp#preset=fast#video=h264', { a: ['rtsp://h/x'] }, [2]],
    ['may write the transport in capitals', 'a: rtsp://h/x#transport=TCP', { a: ['rtsp://h/x'] }],
    ['may be a section with its url', 'a: {url: rtsp://h/x}', { a: ['rtsp://h/x'] }],
    ['may be a section with a list', 'a:\n    url:\n      - tapo://h\n      - rtsp://h/x', { a: ['rtsp://h/x'] }, [4]],
    [
      'may have items that are no text',
      'a:\n    - [rtsp://h/x]\n    - {b: c}\n    -\n    - rtsp://h/y',
      { a: ['rtsp://h/y'] },
      [3, 4, 5],
    ],
    [
      'loses a variant for the sound of another',
      'a: [rtsp://h/x, "ffmpeg:b#audio=opus"]\n  b: rtsp://h/y',
      { a: ['rtsp://h/x'], b: ['rtsp://h/y'] },
      [2],
    ],
    [
      'loses a variant of another beside a source of its own',
      'a: [rtsp://h/x, "ffmpeg:b#video=h264"]\n  b: rtsp://h/y',
      { a: ['rtsp://h/x'], b: ['rtsp://h/y'] },
      [2],
    ],
    ['loses a reference to nothing', 'a:\n    - rtsp://h/x\n    - ffmpeg:talk', { a: ['rtsp://h/x'] }, [4]],
    [
      'is offline where it is a reference to nothing',
      'a: ffmpeg:talk',
      { a: { offline: 'there is no stream "talk"' } },
      [2],
    ],
    [
      'is offline where it is a variant of itself',
      'a: ffmpeg:b\n  b: ffmpeg:a',
      { a: { offline: 'a variant of itself (a → b → a)' }, b: { offline: 'a variant of itself (b → a → b)' } },
      [2, 3],
    ],
    [
      'is offline where its pictures are for another program',
      'a: rtsp://h/x\n  b: ffmpeg:a#video=mjpeg#width=641#fps=15',
      { a: ['rtsp://h/x'], b: { offline: '#video=mjpeg is not made here; allowed: h264, copy' } },
      [3],
    ],
    [
      'is offline where it is sound alone',
      'a: rtsp://h/x\n  b: ffmpeg:a#audio=opus',
      {
        a: ['rtsp://h/x'],
        b: { offline: 'this source is for sound alone, which counts only where it names its own stream' },
      },
      [3],
    ],
    [
      'is a variant of the first of several',
      'a: rtsp://h/x\n  b: ["ffmpeg:a#video=h264", "ffmpeg:c#audio=opus"]',
      { a: ['rtsp://h/x'], b: 'of a' },
      [3],
    ],
    [
      'may have a name with a colon',
      'a:b: rtsp://h/x\n  c: ffmpeg:a:b#video=h264',
      { 'a:b': ['rtsp://h/x'], c: 'of a:b' },
    ],
  ];
  for (const [what, yaml, expected, lines = []] of cases) {
    it(`${what}: ${yaml.replaceAll(/\s+/g, ' ')}`, () => {
      const config = parse(`streams:\n  ${yaml}`);
      assert.deepEqual(inputs(config), expected);
      assert.deepEqual(
        config.passedOver.map((note) => Number(/^cams\.yaml:(\d+): streams\./.exec(note)?.[1])),
        lines,
      );
    });
  }

  it('has its certificate checked where it says so, and only over TLS', () => {
    const source = (text: string) => {
      const { input } = parse(`streams:\n  a: ${text}`).streams[0] ?? {};
      return input?.kind === 'own' ? input.sources[0]?.source : undefined;
    };
    const checked = { kind: 'rtsp', url: 'rtsps://h/x', transport: 'tcp', verifyCertificate: true };
    assert.deepEqual(source('rtsps://h/x#tls_verify'), checked);
    assert.deepEqual(source('ffmpeg:rtsps://h/x#tls_verify=1#video=h264'), {
      ...checked,
      reader: 'ffmpeg',
      sound: [],
    });
    assert.deepEqual(source('rtsps://h/x'), { kind: 'rtsp', url: 'rtsps://h/x', transport: 'tcp' });
    assert.throws(() => source('rtsp://h/x#tls_verify'), /^ConfigError: cams\.yaml:2: .*only rtsps: has one/);
    assert.throws(() => source('rtspx://h/x#tls_verify'), /^ConfigError: cams\.yaml:2: .*allowed: rtsps:…#tls_verify/);
  });

  // Of each stream: the forms of its sound, and in brackets those of its sources.
  const sounds: [yaml: string, expected: Record<string, string>, passedOver?: RegExp][] = [
    ['a: rtsp://h/x', { a: 'as it comes [as it comes]' }],
    ['a: rtsp://h/x#media=video', { a: 'as it comes [none]' }],
    ['a: rtsp://h/x#media=video,audio', { a: 'as it comes [as it comes]' }],
    ['a: [rtsp://h/x#media=video, rtsp://h/y#media=audio]', { a: 'as it comes [none]' }, /sound alone/],
    ['a: [rtsp://h/x, ffmpeg:a#audio=opus]', { a: 'copy OPUS [as it comes]' }],
    ['a: [rtsp://h/x, ffmpeg:a#audio=pcma#audio=aac/16000]', { a: 'copy PCMA AAC [as it comes]' }],
    ['a: [rtsp://h/x, ffmpeg:a#video=h264#audio=copy]', { a: 'copy [as it comes]' }],
    ['a: [rtsp://h/x, ffmpeg:a#audio=mp3]', { a: 'as it comes [as it comes]' }, /#audio=mp3 means nothing here/],
    ['a: ffmpeg:rtsp://h/x', { a: 'as it comes [as it comes]' }],
    ['a: ffmpeg:rtsp://h/x#video=copy', { a: 'as it comes [none]' }],
    ['a: ffmpeg:rtsp://h/x#video=copy#audio=copy', { a: 'as it comes [copy]' }],
    ['a: ffmpeg:http://h/x#video=h264#audio=pcmu#audio=opus', { a: 'as it comes [PCMU OPUS]' }],
    [
      'a: ffmpeg:/srv/x.mp4#video=h264#audio=pcma/48000',
      { a: 'as it comes [none]' },
      /#audio=pcma\/48000 means nothing/,
    ],
    ['a: rtsp://h/x\n  b: ffmpeg:a#video=h264', { a: 'as it comes [as it comes]', b: 'as it comes' }],
    ['a: rtsp://h/x\n  b: ffmpeg:a#video=h264#audio=opus', { a: 'as it comes [as it comes]', b: 'OPUS' }],
    [
      'a: rtsp://h/x\n  b: [ffmpeg:a#video=h264, ffmpeg:a#audio=opus]',
      { a: 'as it comes [as it comes]', b: 'copy OPUS' },
    ],
  ];
  for (const [yaml, expected, passedOver] of sounds) {
    it(`has the sound that its parameters say: ${yaml.replaceAll(/\s+/g, ' ')}`, () => {
      const config = parse(`streams:\n  ${yaml}`);
      const words = (sound: readonly string[] | undefined) => sound?.join(' ') ?? 'as it comes';
      const found = config.streams.map(({ name, input, sound }) => {
        const sources =
          input.kind === 'own' ? input.sources.map(({ source }) => ('sound' in source ? source.sound : undefined)) : [];
        return [name, [words(sound), ...sources.map((one) => `[${words(one) || 'none'}]`)].join(' ')];
      });
      assert.deepEqual(Object.fromEntries(found), expected);
      assert.match(config.passedOver.join(), passedOver ?? /^$/);
    });
  }

  for (const nothing of ['', 'null', '~', '""', '[]', '{}', '{url: }', '{source: []}']) {
    it(`is offline without a source: ${nothing || '(nothing)'}`, () => {
      const config = parse(`streams:\n  yard: rtsp://h/y\n  a: ${nothing}`);
      const offline = 'the stream has no source, and nothing can be published into it here';
      assert.deepEqual(inputs(config), { yard: ['rtsp://h/y'], a: { offline } });
      assert.deepEqual(config.passedOver, [`cams.yaml:3: streams.a: ${offline}`]);
    });
  }

  it('keeps its name as it is written', () => {
    const names = [
      '01',
      '1',
      '1.0',
      '0x10',
      '0o7',
      '1e3',
      '.5',
      'true',
      'No',
      'null',
      '~',
      '2024-01-01',
      '12:30',
      '+1',
    ];
    const { streams } = parse(
      `streams:\n${names.map((name) => `  ${name}: rtsp://h/${name}\n`).join('')}preload: [01]`,
    );
    assert.deepEqual(streams.map(({ name }) => name).sort(), names.sort());
    for (const { name, input, preload } of streams) {
      assert.equal(input.kind === 'own' && 'url' in (input.sources[0]?.source ?? {}), true);
      assert.equal(JSON.stringify(input).includes(`rtsp://h/${name}"`), true, name);
      assert.equal(preload, name === '01');
    }
  });

  it('may have a name that every JavaScript object has', () => {
    const names = ['__proto__', 'constructor', 'prototype', 'valueOf', 'toString', 'hasOwnProperty'];
    const { streams } = parse(
      `streams:\n${names.map((name) => `  ${name}: rtsp://h/x\n`).join('')}  variant: ffmpeg:__proto__#video=h264\n` +
        'preload: [__proto__, constructor]',
    );
    assert.deepEqual(
      streams.map(({ name, preload }) => [name, preload]),
      [...names.map((name, index) => [name, index < 2]), ['variant', false]],
    );
    assert.equal(streams.at(-1)?.input.kind, 'variant');
  });

  const outputs: [parameters: string, expected: object][] = [
    ['#video=h264#bitrate=4M', { bitrate: 4000 }],
    ['#video=h264#bitrate=800k', { bitrate: 800 }],
    ['#video=h264#bitrate=800', { bitrate: 800 }],
    ['#video=h264#bitrate=500000', { bitrate: 500 }],
    ['#video=h264#width=-1#height=360', { height: 360 }],
    ['#video=h264#width=640#height=-2', { width: 640 }],
    ['#video=h264#hardware=vaapi', { hardware: true }],
    ['#video=h264/vaapi', { hardware: true }],
    ['#video=h264#rotate=90#raw=-an#drawtext=x=2', {}],
  ];
  for (const [parameters, expected] of outputs) {
    it(`may be encoded as go2rtc writes it: ${parameters}`, () => {
      const { input } = parse(`streams:\n  a: rtsp://h/x\n  b: ffmpeg:a${parameters}`).streams[1] ?? {};
      assert.deepEqual(input, { kind: 'variant', of: 'a', output: { kind: 'encode', ...expected } });
    });
  }
});
