import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import type { AccessUnit } from '../../src/media/access-unit.ts';
import type { AudioFormat, AudioUnit } from '../../src/media/audio-unit.ts';
import type { RtspError } from '../../src/rtsp/rtsp-error.ts';
import { openRtsp, type RtspOptions } from '../../src/rtsp/rtsp-stream.ts';
import type { VideoTrack } from '../../src/rtsp/tracks.ts';
import {
  type Answer,
  keyPicture,
  type OddCamera,
  type OddCameraOptions,
  packetsOf,
  plainSdp,
  rtp,
  senderReport,
  startOddCamera,
  toText,
} from '../support/odd-camera.ts';
import { until } from '../support/until.ts';

interface Seen {
  camera: OddCamera;
  units: AccessUnit[];
  sounds: AudioUnit[];
  video: VideoTrack | null;
  audio: AudioFormat | null;
  close(): Promise<void>;
}

describe('a camera over RTSP', () => {
  const closing: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) {
      await close();
    }
  });

  async function start(options: OddCameraOptions = {}): Promise<OddCamera> {
    const camera = await startOddCamera({
      played: (peer) => peer.send(0, ...packetsOf(5)),
      ...options,
    });
    closing.push(() => camera.close());
    return camera;
  }

  /** Reads until so many pictures are there, or says why there are none. */
  function read(
    camera: OddCamera,
    options: RtspOptions = {},
    url = camera.url(),
    count = 4,
  ): Promise<Seen | RtspError> {
    return new Promise((resolve) => {
      const seen: Seen = { camera, units: [], sounds: [], video: null, audio: null, close: () => stream.close() };
      const stream = openRtsp(
        url,
        { timeoutMs: 2000, ...options },
        {
          tracks: (video, audio) => Object.assign(seen, { video, audio }),
          unit: (unit) => {
            seen.units.push(unit);
            if (seen.units.length === count) {
              resolve(seen);
            }
          },
          sound: (sound) => seen.sounds.push(sound),
          closed: resolve,
        },
      );
      closing.push(() => stream.close());
    });
  }

  async function plays(options: OddCameraOptions, how: RtspOptions = {}, path?: string): Promise<Seen> {
    const camera = await start(options);
    const seen = await read(camera, how, camera.url('', path));
    assert.ok(!(seen instanceof Error), String(seen));
    assert.equal(seen.units[0]?.data.toString('hex'), keyPicture.toString('hex'));
    assert.deepEqual(
      seen.units.slice(0, 4).map(({ keyframe, timestamp }) => [keyframe, timestamp - (seen.units[0]?.timestamp ?? 0)]),
      [0, 40_000, 80_000, 120_000].map((time) => [time === 0, time]),
    );
    return seen;
  }

  async function fails(options: OddCameraOptions, how: RtspOptions = {}, credentials = ''): Promise<RtspError> {
    const camera = await start(options);
    const error = await read(camera, how, camera.url(credentials));
    assert.ok(error instanceof Error, 'it plays');
    assert.doesNotMatch(error.message, /secret|admin|127\.0\.0\.1/);
    return error;
  }

  it('is asked for its description, set up, played, and told when the reader goes', async () => {
    const { camera, close } = await plays({});
    await close();
    assert.deepEqual(
      camera.methods.filter((method) => method !== 'OPTIONS'),
      ['DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN'],
    );
    assert.equal(camera.asked.find(({ method }) => method === 'PLAY')?.headers.session, '12345678');
    await until(() => camera.open === 0);
  });

  describe('that is odd', () => {
    it('ends its lines with LF alone', async () => {
      await plays({ answer: (_asked, usual) => toText(usual, '\n') });
    });

    it('renumbers the interleaved channels', async () => {
      await plays({
        answer: ({ method }, usual) =>
          method === 'SETUP'
            ? { headers: { ...usual.headers, Transport: 'RTP/AVP/TCP;unicast;interleaved=4-5' } }
            : undefined,
        played: (peer) => peer.send(4, ...packetsOf(5)),
      });
    });

    it('names no channels at all', async () => {
      await plays({ answer: ({ method }) => (method === 'SETUP' ? { headers: { Transport: undefined } } : undefined) });
    });

    it('sends data before the answer to PLAY', async () => {
      await plays({
        answer: ({ method }, _usual, peer) => {
          if (method === 'PLAY') {
            peer.send(0, ...packetsOf(3));
          }
          return undefined;
        },
        played: (peer) => peer.send(0, ...packetsOf(5).slice(3)),
      });
    });

    it('sends requests of its own, in the middle of its data', async () => {
      const { camera } = await plays({
        played: (peer) => {
          const [first, ...rest] = packetsOf(5) as [Buffer, ...Buffer[]];
          peer.send(0, first);
          peer.write('OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n');
          peer.write('PAUSE rtsp://x/ RTSP/1.0\r\nCSeq: 78\r\n\r\n');
          peer.send(0, ...rest);
        },
      });
      await until(() => camera.answered.length === 2);
      assert.match(camera.answered[0] ?? '', /^RTSP\/1\.0 200 OK\r\nCSeq: 77\r\n/);
      assert.match(camera.answered[1] ?? '', /^RTSP\/1\.0 501 .*\r\nCSeq: 78\r\n/);
    });

    for (const [what, base, control, uri] of [
      ['a base with a slash', 'rtsp://camera/one/', 'track1', 'rtsp://camera/one/track1'],
      ['a base without a slash', 'rtsp://camera/one', 'track1', 'rtsp://camera/one/track1'],
      [
        'a base that ends with a query',
        'rtsp://camera/one?channel=1',
        'trackID=0',
        'rtsp://camera/one?channel=1/trackID=0',
      ],
      ['a base without a scheme', 'camera/one/', 'track1', 'rtsp://camera/one/track1'],
      ['an absolute control', 'rtsp://camera/one/', 'rtsp://other/two/track1', 'rtsp://other/two/track1'],
      ['a control with a user and a password in it', 'rtsp://camera/', 'rtsp://u:p@camera/a', 'rtsp://camera/a'],
    ] as const) {
      it(`has ${what}`, async () => {
        const { camera } = await plays({
          sdp: plainSdp.replace('a=control:video', `a=control:${control}`),
          answer: ({ method }) => (method === 'DESCRIBE' ? { headers: { 'Content-Base': base } } : undefined),
        });
        assert.equal(camera.asked.find(({ method }) => method === 'SETUP')?.uri, uri);
        assert.ok(camera.open > 0, 'and its connection stays where it was');
      });
    }

    it('has no base and no control', async () => {
      const { camera } = await plays({
        sdp: plainSdp.replace('a=control:video\r\n', ''),
        answer: ({ method }) => (method === 'DESCRIBE' ? { headers: { 'Content-Base': undefined } } : undefined),
      });
      assert.equal(camera.asked.find(({ method }) => method === 'SETUP')?.uri, camera.url());
    });

    for (const [what, length] of [
      ['too small', (body: string) => String(body.length - 40)],
      ['too large', (body: string) => String(body.length + 40)],
      ['missing', () => undefined],
      ['no number', () => 'many'],
    ] as const) {
      it(`says a Content-Length that is ${what}`, async () => {
        await plays({
          answer: ({ method }, { body }) =>
            method === 'DESCRIBE' ? { headers: { 'Content-Length': length(body) } } : undefined,
        });
      });
    }

    it('answers with the wrong CSeq, or with none', async () => {
      await plays({
        answer: ({ method }) => ({ headers: { CSeq: method === 'DESCRIBE' ? '9999' : undefined } }),
      });
    });

    it('has several video tracks, of which the first that fits is read', async () => {
      const { camera } = await plays({
        sdp: [
          'v=0',
          'm=video 0 RTP/AVP 26',
          'a=control:jpeg',
          'm=video 0 RTP/AVP 97 96',
          'a=rtpmap:97 MP4V-ES/90000',
          'a=rtpmap:96 H264/90000',
          'a=control:second',
          'm=video 0 RTP/AVP 98',
          'a=rtpmap:98 H264/90000',
          'a=control:third',
        ].join('\r\n'),
      });
      const setups = camera.asked.filter(({ method }) => method === 'SETUP').map(({ uri }) => uri);
      assert.deepEqual(setups, [`${camera.url()}/second`]);
    });

    it('describes itself with broken lines beside those that count', async () => {
      await plays({
        sdp: `o=- 1001 1 IN \r\nc=IN\r\nt=\r\n=\r\n${plainSdp.slice(plainSdp.indexOf('m='))}a=fmtp:\r\na=rtpmap:\r\n`,
      });
    });

    it('has its address as an IPv6 literal', async () => {
      await plays({ host: '::1' });
    });

    it('has a path with a query, which is asked for as it is', async () => {
      const path = '/cam/realmonitor?channel=1&subtype=0&unicast=true';
      const { camera } = await plays({}, {}, path);
      assert.equal(camera.asked[0]?.uri, camera.url('', path));
    });

    it('lies about the length of a packet, and is found again', async () => {
      const { units } = await plays({
        played: (peer) => {
          peer.send(0, ...packetsOf(5));
          const broken = Buffer.concat([Buffer.from([0x24, 0, 0, 4]), rtp(8, 0, Buffer.alloc(40, 0x24))]);
          peer.write(broken);
          peer.send(0, ...packetsOf(5, 9, 36_000));
        },
      });
      await until(() => units.filter(({ keyframe }) => keyframe).length === 2);
    });

    it('hangs up after its challenge', async () => {
      const { camera } = await playsWithPassword({
        answer: (asked, usual, peer) => {
          if (asked.headers.authorization === undefined) {
            peer.write(challenged(usual, 'Digest realm="r", nonce="n"'));
            peer.hangUp();
            return null;
          }
          return undefined;
        },
      });
      assert.equal(camera.asked.at(0)?.connection, 1);
      assert.equal(camera.asked.find(({ method }) => method === 'PLAY')?.connection, 2);
    });

    it('sends its packets on another payload type than it said, and others between that are not read', async () => {
      await plays({
        sdp: plainSdp.replace('AVP 96', 'AVP 96 99').replace('a=control', 'a=rtpmap:99 rtx/90000\r\na=control'),
        played: (peer) => {
          for (const packet of packetsOf(5)) {
            peer.send(0, rtp(500, 5, Buffer.from([0x41, 0x9a, 1]), true, 99));
            const other = Buffer.from(packet);
            other.writeUInt8((other.readUInt8(1) & 0x80) | 105, 1);
            peer.send(0, other);
          }
        },
      });
    });

    it('mixes RTCP into the channel of its pictures', async () => {
      await plays({
        played: (peer) => {
          for (const packet of packetsOf(5)) {
            peer.send(0, senderReport(Date.UTC(2026, 0, 1), 0));
            peer.send(0, packet);
          }
        },
      });
    });
  });

  const challenged = ({ headers }: { headers: object }, ...challenges: string[]) =>
    toText({
      status: 401,
      headers: { ...(headers as Record<string, string>), 'WWW-Authenticate': challenges, 'Content-Length': '0' },
      body: '',
    });

  /** With a user and a password that have to be written percent-encoded. */
  async function playsWithPassword(options: OddCameraOptions): Promise<Seen> {
    const camera = await start(options);
    const seen = await read(camera, {}, camera.url('ad%40min:se%2Fcret%3A%22@'));
    assert.ok(!(seen instanceof Error), String(seen));
    return seen;
  }

  describe('that asks for a password', () => {
    const [user, password] = ['ad@min', 'se/cret:"'];
    const hash = (name: string, text: string) => createHash(name).update(text).digest('hex');
    const paramsOf = (authorization = '') =>
      Object.fromEntries(
        Array.from(authorization.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g), ([, name, quoted, bare]) => [
          name,
          quoted ?? bare,
        ]),
      );

    /** A camera that checks, in words of its own, what RFC 2617 and RFC 7616 say. */
    const checks = (how: string, challenges: string[], accepts: 'basic' | 'md5' | 'sha256'): OddCameraOptions => ({
      answer: ({ method, uri, headers: { authorization } }, usual) => {
        const sent = paramsOf(authorization);
        const name = accepts === 'basic' ? 'md5' : accepts;
        const ha1 = hash(name, `${user}:r:${password}`);
        const ha2 = hash(name, `${method}:${uri}`);
        const expected = {
          basic: authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
          digest: sent.response === hash(name, `${ha1}:n1:${ha2}`),
          qop: sent.response === hash(name, `${ha1}:n1:${sent.nc}:${sent.cnonce}:auth:${ha2}`),
        }[how];
        return expected === true && (sent.uri ?? uri) === uri ? undefined : challenged(usual, ...challenges);
      },
    });
    const md5 = 'Digest realm="r", nonce="n1"';
    const sha = 'Digest realm="r", nonce="n1", algorithm="SHA-256", stale="FALSE"';

    for (const [what, options] of [
      ['by Basic', checks('basic', ['Basic realm="r"'], 'basic')],
      ['by Digest with MD5', checks('digest', [md5], 'md5')],
      ['by Digest with SHA-256', checks('digest', [sha], 'sha256')],
      ['by Digest in odd words', checks('digest', ['DIGEST\trealm=r; nonce=n1;algorithm=;\topaque="", qop=""'], 'md5')],
      ['by Digest with SHA256, and after NTLM', checks('digest', ['NTLM', `${md5}, algorithm=SHA256`], 'sha256')],
      [
        'by Digest with a qop',
        checks('qop', ['Digest realm="r", qop="auth-int,auth", nonce="n1", algorithm=MD5'], 'md5'),
      ],
      ['by several challenges, the strongest last', checks('digest', ['Basic realm="r"', md5, sha], 'sha256')],
      ['by several challenges, the strongest first', checks('digest', [sha, md5, 'Basic realm="r"'], 'sha256')],
      ['by several challenges in one line', checks('digest', [`Basic realm="r", ${md5}, ${sha}`], 'sha256')],
      ['by challenges of which it takes the weaker alone', checks('digest', [sha, md5], 'md5')],
    ] as const) {
      it(`gets it ${what}`, async () => {
        await playsWithPassword(options);
      });
    }

    it('gets it anew when its nonce is out of date, said as stale or not', async () => {
      for (const stale of ['stale=true', 'stale=FALSE']) {
        let served = 0;
        const { camera } = await playsWithPassword({
          answer: ({ headers: { authorization } }, usual) => {
            const nonce = `n${Math.floor(served / 2)}`;
            if (paramsOf(authorization).nonce === nonce) {
              served++;
              return undefined;
            }
            return challenged(usual, `Digest realm="r", nonce="${nonce}", ${stale}`);
          },
        });
        assert.deepEqual(camera.methods.slice(0, 5), ['DESCRIBE', 'DESCRIBE', 'SETUP', 'PLAY', 'PLAY'], stale);
      }
    });

    it('says that the password is wrong, after one try for each challenge, and does not repeat it', async () => {
      let asked = 0;
      const error = await fails(
        {
          answer: (_asked, usual) => {
            asked++;
            return challenged(usual, 'Basic realm="r"', `Digest realm="r", nonce="n${asked}", stale=FALSE`);
          },
        },
        {},
        'admin:secret@',
      );
      assert.equal(error.reason, 'unauthorized');
      assert.match(error.message, /refuses this user and password/);
      assert.equal(asked, 2, 'a camera locks its users out after a few tries');
    });

    it('says that a password is missing', async () => {
      const error = await fails({ answer: (_asked, usual) => challenged(usual, md5) });
      assert.deepEqual([error.reason, /asks for a user/.test(error.message)], ['unauthorized', true]);
    });

    it('is asked no more than a few times, whatever it says', async () => {
      let asked = 0;
      const error = await fails(
        {
          answer: (_asked, usual) => challenged(usual, `Digest realm="r", nonce="n${++asked}", stale=true`),
        },
        {},
        'admin:secret@',
      );
      assert.equal(error.reason, 'unauthorized');
      assert.ok(asked < 6);
    });
  });

  describe('that redirects', () => {
    const to = (location: string): OddCameraOptions => ({
      answer: ({ method }) =>
        method === 'DESCRIBE'
          ? { status: 302, headers: { Location: location, 'Content-Length': '0', 'Content-Base': undefined }, body: '' }
          : undefined,
    });

    it('is followed to another RTSP address', async () => {
      const target = await start();
      const camera = await start(to(target.url()));
      const seen = await read(camera);
      assert.ok(!(seen instanceof Error), String(seen));
    });

    it('does not tell its password to another host', async () => {
      const target = await start({
        host: '::1',
        answer: ({ headers }, usual) =>
          headers.authorization === undefined ? challenged(usual, 'Basic realm="r"') : undefined,
      });
      const camera = await start(to(target.url()));
      const error = await read(camera, {}, camera.url('admin:secret@'));
      assert.equal((error as RtspError).reason, 'unauthorized');
      assert.deepEqual(
        target.asked.map(({ headers }) => headers.authorization),
        [undefined],
      );
    });

    it('is not followed to anything but RTSP', async () => {
      for (const location of ['http://127.0.0.1/', 'file:///etc/passwd', 'nowhere']) {
        assert.equal((await fails(to(location))).reason, 'unreachable');
      }
    });

    it('is not followed out of TLS', async () => {
      assert.match((await fails({ ...to('rtsp://127.0.0.1/'), tls: true })).message, /give up encryption/);
    });

    it('is not followed in a circle', async () => {
      let asked = 0;
      const camera = await start({
        answer: (_asked, usual) => {
          asked++;
          return toText({
            status: 301,
            headers: { ...usual.headers, Location: camera.url(), 'Content-Length': '0' },
            body: '',
          });
        },
      });
      const error = await read(camera);
      assert.match(String(error), /circle/);
      assert.equal(asked, 4);
    });
  });

  it('is read over TLS, with any certificate or with a valid one alone', async () => {
    await plays({ tls: true });
    const error = await fails({ tls: true }, { verifyCertificate: true });
    assert.equal(error.reason, 'unreachable');
    assert.match(error.message, /certificate/);
  });

  it('sends over UDP, in any order, and only the camera is heard', async () => {
    const camera = createSocket('udp4').bind(0, '127.0.0.1');
    const stranger = createSocket('udp4').bind(0, '127.0.0.2');
    await Promise.all([once(camera, 'listening'), once(stranger, 'listening')]);
    closing.push(
      async () => void camera.close(),
      async () => void stranger.close(),
    );
    let port = 0;
    await plays(
      {
        answer: ({ method, headers }) => {
          if (method !== 'SETUP') {
            return undefined;
          }
          port = Number(/client_port=(\d+)-/.exec(headers.transport ?? '')?.[1]);
          return {
            headers: {
              Transport: `${headers.transport};server_port=${camera.address().port}-${camera.address().port + 1}`,
            },
          };
        },
        played: () => {
          const [one, two, three, four, five, ...rest] = packetsOf(8) as [
            Buffer,
            Buffer,
            Buffer,
            Buffer,
            Buffer,
            ...Buffer[],
          ];
          stranger.send(rtp(2, 0, Buffer.from([0x65, 0x88, 1])), port, '127.0.0.1');
          for (const packet of [one, two, four, three, five, five, ...rest]) {
            camera.send(packet, port, '127.0.0.1');
          }
        },
      },
      { transport: 'udp' },
    );
  });

  it('says when it does not send over the transport that was asked for', async () => {
    const refused = await fails({ answer: ({ method }) => (method === 'SETUP' ? { status: 461 } : undefined) });
    assert.deepEqual([refused.reason, /#transport=udp/.test(refused.message)], ['unsupported', true]);
    const other = await fails({
      answer: ({ method }) =>
        method === 'SETUP' ? { headers: { Transport: 'RTP/AVP;unicast;client_port=1-2' } } : undefined,
    });
    assert.deepEqual([other.reason, /#transport=udp/.test(other.message)], ['unsupported', true]);
  });

  it('has its sound read beside its video where that is asked for', async () => {
    const sdp = `${plainSdp}m=audio 0 RTP/AVP 8\r\na=control:back\r\na=sendonly\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/16000/1\r\na=fmtp:97 mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408\r\na=control:audio\r\n`;
    const { audio, sounds, camera } = await plays(
      {
        sdp,
        played: (peer) => {
          peer.send(2, rtp(1, 16_000, Buffer.from([0, 16, 0, 16, 1, 2]), true, 97));
          peer.send(0, ...packetsOf(5));
        },
      },
      { audio: true },
    );
    assert.deepEqual(audio, { codec: 'AAC', clockRate: 16_000, channels: 1, config: Buffer.from('1408', 'hex') });
    assert.deepEqual(
      sounds.map(({ ticks, data }) => [ticks, data.toString('hex')]),
      [[0, '0102']],
    );
    assert.deepEqual(
      camera.asked.filter(({ method }) => method === 'SETUP').map(({ uri }) => uri),
      [`${camera.url()}/video`, `${camera.url()}/audio`],
    );
  });

  it('is read without its sound where it refuses to set that up', async () => {
    const sdp = `${plainSdp}m=audio 0 RTP/AVP 8\r\na=control:audio\r\n`;
    const { units, sounds, camera } = await plays(
      {
        sdp,
        answer: ({ method, uri }) => (method === 'SETUP' && uri.endsWith('/audio') ? { status: 455 } : undefined),
      },
      { audio: true },
    );
    assert.ok(units.length > 0);
    assert.equal(sounds.length, 0);
    assert.ok(camera.asked.some(({ method }) => method === 'PLAY'));
  });

  describe('that ends sessions which are not kept alive', () => {
    const session = (
      of: Record<string, string | undefined>,
      more: OddCameraOptions['answer'] = () => undefined,
    ): OddCameraOptions => ({
      answer: (asked, usual, peer) =>
        more(asked, usual, peer) ??
        ({ SETUP: { headers: { Session: 'abc ; timeout=2' } }, OPTIONS: { headers: of } } as Record<string, Answer>)[
          asked.method
        ],
    });
    const keptBy = async ({ camera }: Seen, method: string, times: number) => {
      const count = () =>
        camera.asked.filter((asked) => asked.method === method && asked.headers.session === 'abc').length;
      await until(() => count() >= times);
    };

    it('hears GET_PARAMETER at half of its time-out, and receiver reports', async () => {
      const seen = await plays(session({}));
      await keptBy(seen, 'GET_PARAMETER', 1);
      await until(() => seen.camera.received.length > 0);
      const report = seen.camera.received[0];
      assert.deepEqual([report?.channel, report?.data.readUInt8(1), report?.data.readUInt32BE(8)], [1, 201, 7]);
    });

    it('hears OPTIONS where it offers nothing else', async () => {
      // The first one asks what the camera offers.
      await keptBy(await plays(session({ Public: 'OPTIONS, DESCRIBE, SETUP, PLAY' })), 'OPTIONS', 2);
    });

    it('hears OPTIONS where it refuses what it offers', async () => {
      const seen = await plays(session({}, ({ method }) => (method === 'GET_PARAMETER' ? { status: 501 } : undefined)));
      await keptBy(seen, 'GET_PARAMETER', 1);
      await keptBy(seen, 'OPTIONS', 2);
      assert.ok(seen.camera.open > 0);
    });

    it('is given up when it knows the session no more', async () => {
      const error = await fails({
        ...session({}, ({ method }) => (method === 'GET_PARAMETER' ? { status: 454 } : undefined)),
        played: () => {},
      });
      assert.equal(error.reason, 'closed');
    });
  });

  it('tells with each picture what its own clock says, once it has said so', async () => {
    const wall = Date.UTC(2026, 10, 25, 12);
    const { units } = await plays({
      played: (peer) => {
        const packets = packetsOf(5, 0, 2 ** 32 - 3600);
        peer.send(0, ...packets.slice(0, 4));
        peer.send(1, senderReport(wall, 2 ** 32 - 3600));
        peer.send(0, ...packets.slice(4));
      },
    });
    const walls = units.map(({ wallClock }) => (wallClock === undefined ? null : Math.round(wallClock - wall)));
    assert.equal(walls.at(-1), 160);
    assert.equal(units[0]?.wallClock, undefined);
  });

  describe('that fails', () => {
    for (const [status, reason] of [
      [403, 'unauthorized'],
      [404, 'not-found'],
      [453, 'refused'],
      [500, 'refused'],
      [503, 'refused'],
    ] as const) {
      it(`says ${reason} for ${status}`, async () => {
        const error = await fails({ answer: () => ({ status, body: '', headers: { 'Content-Length': '0' } }) });
        assert.equal(error.reason, reason);
        assert.match(error.message, new RegExp(String(status)));
      });
    }

    it('says what it sends where that cannot be read', async () => {
      const error = await fails({ sdp: 'm=video 0 RTP/AVP 26\r\na=control:x\r\n' });
      assert.deepEqual([error.reason, /JPEG/.test(error.message)], ['unsupported', true]);
      assert.match((await fails({ sdp: '' })).message, /no video/);
    });

    it('is unreachable where nothing listens', async () => {
      const camera = await startOddCamera();
      await camera.close();
      const error = await read(camera);
      assert.equal((error as RtspError).reason, 'unreachable');
    });

    it('is timed out in each of its answers', async () => {
      for (const silent of ['DESCRIBE', 'SETUP', 'PLAY']) {
        const error = await fails(
          { answer: ({ method }) => (method === silent ? null : undefined) },
          { timeoutMs: 100 },
        );
        assert.equal(error.reason, 'timeout');
        assert.match(error.message, new RegExp(silent));
      }
    });

    it('is silent, and its reports are no signs of life', async () => {
      const error = await fails({ played: (peer) => peer.send(1, senderReport(Date.now(), 0)) }, { silenceMs: 100 });
      assert.deepEqual([error.reason, /sends no video/.test(error.message)], ['timeout', true]);
    });

    it('hangs up', async () => {
      const error = await fails({ played: (peer) => peer.hangUp() });
      assert.equal(error.reason, 'closed');
    });

    it('ends the session itself', async () => {
      const error = await fails({ played: (peer) => peer.write('TEARDOWN * RTSP/1.0\r\nCSeq: 1\r\n\r\n') });
      assert.equal(error.reason, 'closed');
    });
  });

  describe('that is hostile', () => {
    it('sends no RTSP', async () => {
      const error = await fails({ answer: () => `HTTP/1.1 400 Bad Request\r\n\r\n${'x'.repeat(300_000)}` });
      assert.equal(error.reason, 'malformed');
    });

    it('sends an endless header', async () => {
      const error = await fails({ answer: () => `RTSP/1.0 200 OK\r\n${'X: y\r\n'.repeat(20_000)}` });
      assert.equal(error.reason, 'malformed');
    });

    it('announces a body of a gigabyte', async () => {
      const error = await fails({ answer: () => 'RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n' });
      assert.equal(error.reason, 'malformed');
    });

    it('sends a picture that never ends', async () => {
      const before = process.memoryUsage().arrayBuffers;
      const error = await fails({
        played: (peer) => {
          for (let sequence = 0; sequence < 400; sequence++) {
            peer.send(
              0,
              rtp(
                sequence,
                0,
                Buffer.concat([Buffer.from([0x7c, sequence === 0 ? 0x85 : 0x05]), Buffer.alloc(60_000)]),
              ),
            );
          }
        },
      });
      assert.deepEqual([error.reason, /8388608 bytes/.test(error.message)], ['excessive', true]);
      assert.ok(process.memoryUsage().arrayBuffers - before < 100_000_000);
    });

    it('floods its reader', async () => {
      const error = await fails({
        played: (peer) => {
          const junk = rtp(0, 0, Buffer.alloc(65_000, 0x1e));
          for (let count = 0; count < 1000; count++) {
            peer.send(9, junk);
          }
        },
      });
      assert.equal(error.reason, 'excessive');
    });

    it('floods its reader with packets of a byte', async () => {
      const error = await fails({
        played: (peer) => {
          const packet = Buffer.concat([Buffer.from([0x24, 0, 0, 13]), rtp(0, 0, Buffer.from([0x41]))]);
          peer.write(Buffer.concat(Array.from({ length: 150_000 }, () => packet)));
        },
      });
      assert.equal(error.reason, 'excessive');
    });

    it('floods its reader with pictures of a few bytes', async () => {
      const camera = await start({
        played: (peer) => {
          for (const packet of packetsOf(2500)) {
            peer.send(0, packet);
          }
        },
      });
      const error = await read(camera, {}, camera.url(), Number.POSITIVE_INFINITY);
      assert.ok(error instanceof Error);
      assert.equal((error as RtspError).reason, 'excessive');
    });

    it('floods its reader with requests', async () => {
      const error = await fails({
        played: (peer) => peer.write('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n'.repeat(20_000)),
      });
      assert.equal(error.reason, 'excessive');
    });

    it('floods its reader with answers to nothing', async () => {
      const error = await fails({ played: (peer) => peer.write('RTSP/1.0 200 OK\r\n\r\n'.repeat(20_000)) });
      assert.equal(error.reason, 'excessive');
    });

    it('floods its reader with what may begin a packet or a message, and is none', async () => {
      const packet = Buffer.concat([Buffer.from([0x24, 0, 0, 13]), rtp(0, 0, Buffer.from([0x41]))]);
      for (const text of ['$', 'RTSP/', 'RTSP/1.0 200']) {
        const junk = Buffer.from(`x\n${text.repeat(100_000 / text.length)}\n`);
        const begin = process.cpuUsage();
        const error = await fails({
          played: (peer) => peer.write(Buffer.concat(Array(80).fill([junk, packet]).flat())),
        });
        assert.match(error.reason, /excessive|malformed/);
        const { user, system } = process.cpuUsage(begin);
        assert.ok(user + system < 3_000_000, `${user + system} µs for ${text}`);
      }
    });

    it('floods its reader with frames of sound', async () => {
      const sdp = `${plainSdp}m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/16000\r\na=fmtp:97 sizelength=13;indexlength=3;indexdeltalength=3;config=1408\r\na=control:audio\r\n`;
      // Sixty frames of a byte (RFC 3640 section 3.3.6).
      const frames = Buffer.concat([
        Buffer.from([(60 * 2 * 8) >> 8, (60 * 2 * 8) & 0xff]),
        Buffer.alloc(120, Buffer.from([0, 8])),
        Buffer.alloc(60, 1),
      ]);
      const packets = Array.from({ length: 200 }, (_, index) => rtp(index, index, frames, true, 97));
      const error = await fails({ sdp, played: (peer) => peer.send(2, ...packets) }, { audio: true });
      assert.equal(error.reason, 'excessive');
    });

    it('does not close when it is told goodbye', async () => {
      const { close, camera } = await plays({ answer: ({ method }) => (method === 'TEARDOWN' ? null : undefined) });
      await close();
      await until(() => camera.open === 0);
    });
  });
});
