import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/config.ts';

const parse = (text: string, environment: Record<string, string> = {}) => parseConfig(text, 'cams.yaml', environment);

/** Files as go2rtc's users have them. */
describe('a file of go2rtc', () => {
  it('may have sections and parameters that mean nothing here; each is said with its line', () => {
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
    assert.match(config.passedOver.join(), /#backchannel, #media .*#raw/);
    assert.deepEqual(config.webrtc.candidates, [{ host: '203.0.113.7', port: 8555 }]);
    const [door, yard] = config.streams.map(({ input }) => (input.kind === 'own' ? input.sources[0] : undefined));
    assert.deepEqual(door?.source, { kind: 'rtsp', url: 'rtsp://h/x', transport: 'udp' });
    assert.deepEqual(yard?.output, { kind: 'encode', height: 360 });
  });

  it('may list a stream among its own sources: for its sound, and for how it is to be encoded', () => {
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

  it('may name variables of the environment, whatever is in them', () => {
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
    assert.throws(() => parse(`streams:\n  door: rtsp://u:\${CAMERA}@h/x`), {
      message: /^cams\.yaml:2: streams\.door: the environment has no CAMERA; allowed: one that is set/,
    });
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

  it('may name a file behind ffmpeg:, and the transport of a camera', () => {
    const { streams } = parse(
      'streams:\n  a: ffmpeg:/srv/one.mp4#video=h264\n  b: ffmpeg:rtsp://h/x#transport=udp#video=h264#height=360',
    );
    assert.deepEqual(
      streams.map(({ input }) => input.kind === 'own' && input.sources[0]),
      [
        { kind: 'own', source: { kind: 'file', path: '/srv/one.mp4' }, output: { kind: 'encode' } },
        {
          kind: 'own',
          source: { kind: 'rtsp', url: 'rtsp://h/x', transport: 'udp' },
          output: { kind: 'encode', height: 360 },
        },
      ],
    );
  });
});
