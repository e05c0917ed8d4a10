import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { ApiClient, type Message } from '../support/api-client.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';

/** Numbers that are the same in every run, so that what fails once fails again (Mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const offer = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'a=extmap-allow-mixed',
  ...['0', '1'].flatMap((mid) => [
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97 103',
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    'a=ice-ufrag:4ZcD',
    'a=ice-pwd:2/1muCWoOi3uLifh0NuRHlWk',
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(':')}`,
    'a=setup:actpass',
    `a=mid:${mid}`,
    'a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
    'a=recvonly',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    'a=rtpmap:96 H264/90000',
    'a=rtcp-fb:96 nack pli',
    'a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
    'a=rtpmap:103 H265/90000',
  ]),
];
const candidate = 'candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host generation 0 ufrag 4ZcD';

/** A right message of each kind. */
const messages: Message[] = [
  { type: 'multistream/init', request_id: 'r', slots: [{ slot: 0, stream: 'a', quality: '360p' }] },
  { type: 'multistream/offer', request_id: 'r', sdp: offer.join('\r\n') },
  { type: 'multistream/switch', request_id: 'r', slot: 0, stream: 'a', quality: 'native' },
  { type: 'multistream/pause', request_id: 'r', slot: 0 },
  { type: 'multistream/resume', request_id: 'r', slot: 0, stream: 'a' },
  { type: 'multistream/keyframe', request_id: 'r', slot: -1 },
  { type: 'multistream/prepare', request_id: 'r', streams: [{ stream: 'a', quality: '360p' }] },
  { type: 'multistream/ice', candidate },
  { type: 'multistream/close' },
  { type: 'webrtc/offer', value: offer.join('\r\n') },
  { type: 'webrtc/candidate', value: candidate },
];

/** A client that is let in is not trusted for that. */
describe('a client that means harm', () => {
  let device: RunningDevice;

  before(async () => {
    device = await startDevice(`
api: { listen: "127.0.0.1:0" }
webrtc: { listen: "127.0.0.1:0" }
streams: { a: "rtsp://user:secret-word@192.0.2.1/never", a-360p: "ffmpeg:a#video=h264#height=360" }
`);
  });

  after(() => device.stop());

  /** Alive, and nothing in its log that it did not expect. */
  async function isUnharmed(): Promise<void> {
    assert.equal((await fetch(`${device.url}/healthz`)).status, 200);
    assert.doesNotMatch(device.stderr(), /could not be handled|callback of the peer failed|"level":[56]0/);
  }

  /** Sends all of it, on as many sockets as the limit of messages asks for, and waits until it is answered. */
  async function attack(sessions: Iterable<readonly (Message | string)[]>): Promise<Message[]> {
    const answers: Message[] = [];
    for (const session of sessions) {
      const client = await ApiClient.open(device.url, { query: '?src=a' });
      for (const message of session) {
        client.send(message);
      }
      // After all of the others, since it is answered in order.
      const end = await Promise.race([client.ask({ type: 'multistream/keyframe', slot: 60_000 }), client.closed]);
      assert.ok(!Array.isArray(end), `the device has closed the socket: ${end}`);
      answers.push(...client.messages);
      client.close();
    }
    await isUnharmed();
    return answers;
  }

  it('gets nowhere with values that are not what they should be', async () => {
    const next = random(1);
    const pick = <T>(list: readonly T[]) => list[Math.floor(next() * list.length)] as T;
    const values: unknown[] = [
      ...[
        null,
        true,
        -1,
        0.5,
        1e308,
        2 ** 53,
        '',
        'a',
        '__proto__',
        'constructor',
        '\u0000',
        '\ud800',
        'x'.repeat(5000),
      ],
      ...[[], {}, [null], [[]], { slot: 0 }, [{ slot: 0, stream: '__proto__' }], { __proto__: null, toString: 1 }],
    ];
    const mutated = (message: Message): Message => {
      const key = pick(Object.keys(message));
      return { ...message, [pick([key, '__proto__', 'value', 'slots', 'type'])]: pick(values) } as Message;
    };
    await attack(Array.from({ length: 12 }, () => Array.from({ length: 70 }, () => mutated(pick(messages)))));
  });

  it('gets nowhere with texts that are not JSON, or too deep to be sensible', async () => {
    const deep = 30_000;
    await attack([
      [
        '{"type":"multistream/init","slots":'.padEnd(40_000, '['),
        `{"type":"multistream/init","slots":${'['.repeat(deep)}${']'.repeat(deep)}}`,
        `${'{"type":'.repeat(6000)}1${'}'.repeat(6000)}`,
        '{"type":"multistream/init","__proto__":{"slots":[]}}',
        '{"type":"__proto__"}',
        '{"type":"constructor","slots":[]}',
        '"text"',
        '1e999',
        '',
      ],
    ]);
  });

  it('gets nowhere with an offer that has lines changed, missing, doubled or cut', async () => {
    const next = random(2);
    const index = (list: { length: number }) => Math.floor(next() * list.length);
    const tricks: ((lines: string[], at: number) => void)[] = [
      (lines, at) => lines.splice(at, 1),
      (lines, at) => lines.splice(at, 0, lines[at] ?? ''),
      (lines, at) => lines.splice(at, 1, (lines[at] ?? '').slice(0, index(lines[at] ?? ''))),
      (lines, at) => lines.splice(at, 1, (lines[at] ?? '').replaceAll(/\d+/g, '99999999999999999999')),
      (lines, at) => lines.splice(at, 1, (lines[at] ?? '').replaceAll(/\d+/g, '-1')),
      (lines, at) => lines.splice(at, 1, `${lines[at]}${'A'.repeat(10_000)}`),
      (lines, at) => lines.splice(at, 1, (lines[at] ?? '').replace(':', '=\u0000:')),
      (lines, at) => lines.splice(at, 0, ...Array.from({ length: 300 }, () => 'm=video 9 UDP/TLS/RTP/SAVPF 96')),
      (lines) => lines.reverse(),
      (lines, at) => lines.splice(at),
    ];
    const broken = () => {
      const lines = [...offer];
      for (let times = 0; times < 1 + index([1, 2, 3]); times++) {
        tricks[index(tricks)]?.(lines, index(lines));
      }
      return lines.join('\r\n').slice(0, 60_000);
    };
    // A long message counts as several, so that a socket bears few of these.
    const answers = await attack(
      Array.from({ length: 60 }, () =>
        Array.from({ length: 5 }, () => [
          messages[0] as Message,
          { type: 'multistream/offer', sdp: broken() },
          { type: 'webrtc/offer', value: broken() },
          { type: 'multistream/close' },
        ]).flat(),
      ),
    );
    assert.ok(
      answers.some(({ type }) => type === 'multistream/answer'),
      'some are as good as whole',
    );
    assert.ok(answers.some(({ type }) => type === 'error'));
  });

  it('gets nowhere with candidates that are none', async () => {
    const fields = candidate.split(' ');
    const broken = [
      '',
      ' ',
      'candidate:',
      'candidate',
      '\u0000',
      'a=candidate:1 1 udp',
      `${candidate}\r\na=ice-pwd:x`,
      ...fields.map((_, index) => fields.with(index, '99999999999999999999').join(' ')),
      ...fields.map((_, index) => fields.with(index, 'x'.repeat(200)).join(' ')),
      ...fields.map((_, index) => fields.slice(0, index).join(' ')),
      fields.with(4, '....local').join(' '),
      fields.with(4, `${'a'.repeat(1900)}.local`).join(' '),
      fields.with(4, 'localhost').join(' '),
      fields.with(4, '255.255.255.255').join(' '),
      fields.with(4, 'fe80::1%lo').join(' '),
    ];
    const ice = broken.map((candidate) => ({ type: 'multistream/ice', candidate }));
    await attack([
      [...ice],
      [messages[0] as Message, messages[1] as Message, ...ice],
      [messages[8] as Message, ...broken.map((value) => ({ type: 'webrtc/candidate', value }))],
    ]);
  });

  it('finds no stream behind the names that every object has', async () => {
    for (const name of [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '',
      '.',
      '..',
      '../a',
      'a\u0000',
      'A',
    ]) {
      const client = await ApiClient.open(device.url, { query: `?src=${encodeURIComponent(name)}` });
      client.send({ type: 'webrtc/offer', value: offer.join('\r\n') });
      assert.equal((await client.next(() => true)).value, 'webrtc/offer: stream not found', name);
      client.close();
      const still = await fetch(`${device.url}/api/frame.jpeg?src=${encodeURIComponent(name)}`);
      assert.equal(still.status, 404, name);
    }
    for (const query of [
      '',
      'src=a&src=a',
      'src[]=a',
      'src=a&w=1',
      'src=a&w=1e3',
      'src=a&w=320&w=320',
      'src=a&w=-320',
    ]) {
      assert.equal((await fetch(`${device.url}/api/frame.jpeg?${query}`)).status, 400, query);
    }
  });

  it('reads no file but those of the pages, whatever the path', async () => {
    const up = ['..', '%2e%2e', '..%2f..', '%2e%2e%2f%2e%2e', '....', '..;', '..%5c..', '..%c0%af..', '%252e%252e'];
    const paths = [
      ...up.flatMap((step) => [`/${step}/package.json`, `/${step}/${step}/${step}/${step}/${step}/etc/passwd`]),
      ...'//etc/passwd /./package.json /\\..\\package.json /stream.html%00.js /dist/ /node_modules/ws/package.json'.split(
        ' ',
      ),
      ...'/.git/config /src/main.ts /config.yaml /% /%ff http://elsewhere.example/ * /api/%2e%2e/x.js'.split(' '),
    ];
    for (const path of paths) {
      // As it stands: fetch would tidy it up first.
      const answer = await rawRequest(device.url, path);
      assert.match(answer, /^HTTP\/1\.1 (400|403|404) /, path);
      assert.doesNotMatch(answer, /"workspaces"|root:|secret-word|at .*\.ts:/, path);
    }
    await isUnharmed();
  });

  it('learns nothing from requests that are no HTTP, or too large', async () => {
    for (const text of [
      'GET / HTTP/9.9\r\n\r\n',
      '\u0016\u0003\u0001\u0002\u0000\r\n\r\n',
      `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
      'GET /api/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'GET /api/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n',
      'POST /api/streams HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n',
      'GET /api HTTP/1.1\r\nHost: localhost\r\nOrigin: \u0000\r\n\r\n',
    ]) {
      const answer = await raw(device.url, text);
      assert.doesNotMatch(answer, /^HTTP\/1\.1 200|at .*\.ts:/, text.slice(0, 60));
    }
    await isUnharmed();
  });

  it('hides no request in the body, the head or the tail of another one', async () => {
    const hidden = 'GET /api/schemes HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const size = (text: string) => `Content-Length: ${text.length}`;
    const chunked = `0\r\n\r\n${hidden}`;
    const heads: [start: string, headers: string[], rest: string][] = [
      ['POST /api/webrtc?src=a', [size(chunked), 'Transfer-Encoding: chunked'], chunked],
      ['POST /api/webrtc?src=a', ['Transfer-Encoding: chunked', size('x')], chunked],
      ['POST /api/webrtc?src=a', ['Transfer-Encoding: xchunked'], chunked],
      ['POST /api/webrtc?src=a', ['Transfer-Encoding: chunked, identity'], chunked],
      ['POST /api/webrtc?src=a', ['Transfer-Encoding:\x0bchunked'], chunked],
      ['POST /api/webrtc?src=a', ['Transfer-Encoding : chunked'], chunked],
      ['POST /api/webrtc?src=a', ['Transfer-Encoding: chunked'], `${'0'.repeat(20_000)}\r\n\r\n${hidden}`],
      ['POST /api/webrtc?src=a', ['Transfer-Encoding: chunked'], `1;x=${'y'.repeat(20_000)}\r\nz\r\n${chunked}`],
      ['POST /api/webrtc?src=a', ['Content-Length: 0', size(hidden)], hidden],
      ['POST /api/webrtc?src=a', ['Content-Length: 0, 5'], hidden],
      ['POST /api/webrtc?src=a', ['Content-Length: +0'], hidden],
      ['POST /api/webrtc?src=a', ['Content-Length: 0x0'], hidden],
      ['GET /healthz', [size(hidden)], hidden],
      ['GET /healthz', ['Transfer-Encoding: chunked'], `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`],
      ['GET /api/none', [`X: y\n\n${hidden}`], ''],
      ['GET /api/none', [`X: y\r${hidden}`], ''],
      ['GET /api/none', [` folded: ${hidden}`], ''],
      ['CONNECT localhost:80', [], hidden],
      ['PRI *', [], hidden],
      ['GET /api/none', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'], hidden],
      ['GET /healthz', ['Connection: Upgrade', 'Upgrade: TLS/1.0'], hidden],
      ['POST /api/webrtc?src=a', ['Expect: 100-continue', 'Content-Length: 99999'], hidden],
      ['POST /api/webrtc?src=a', ['Expect: 200-ok', size(hidden)], hidden],
    ];
    await Promise.all(
      heads.map(async ([start, headers, rest]) => {
        const request = [`${start} HTTP/1.1`, 'Host: localhost', ...headers, '', rest].join('\r\n');
        const answer = await raw(device.url, request);
        assert.doesNotMatch(answer, /rtspx?"|at .*\.ts:/, request.slice(0, 200));
        assert.ok(answer.split('HTTP/1.1 2').length <= 2, `${request.slice(0, 200)}: ${answer}`);
      }),
    );
    await isUnharmed();
  });
});

function rawRequest(url: string, path: string): Promise<string> {
  return raw(url, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
}

/** Everything that comes back until the device closes, or has said nothing more for a while. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(text, 'latin1'));
    let answer = '';
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}
