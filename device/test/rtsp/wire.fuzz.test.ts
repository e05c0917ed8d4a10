import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { baseUri, controlUri, parseAddress } from '../../src/rtsp/address.ts';
import { Authentication, parseChallenges } from '../../src/rtsp/authentication.ts';
import { MessageReader } from '../../src/rtsp/message-reader.ts';
import { Reception } from '../../src/rtsp/reception.ts';
import { ReorderBuffer } from '../../src/rtsp/reorder-buffer.ts';
import { RtspError } from '../../src/rtsp/rtsp-error.ts';
import { parseSdp } from '../../src/rtsp/sdp.ts';
import { chooseAudio, chooseVideo } from '../../src/rtsp/tracks.ts';
import { fuzz } from '../support/fuzz.ts';

const corpus = (name: string) => new URL(`corpus/${name}/`, import.meta.url);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((data) => Buffer.from(data));

/** Texts made of pieces that mean something to a parser, and of any characters. */
const textOf = (...pieces: string[]) =>
  fc
    .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 6 })), {
      maxLength: 30,
    })
    .map((parts) => parts.join(''));

const message = textOf(
  'RTSP/1.0 200 OK\r\n',
  'RTSP/1.0 401 No\n',
  'OPTIONS * RTSP/1.0\r\n',
  'CSeq: 1\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 99999999\r\n',
  'Content-Type: application/sdp\r\n',
  ': \r\n',
  '\r\n',
  '\n',
  '$\0\0\x04abcd',
  '$',
  'v=0\r\n',
).map((text) => Buffer.from(text, 'latin1'));

describe('what a camera sends over RTSP', () => {
  it('is read or refused, whatever its bytes are', () =>
    fuzz({
      corpus: corpus('messages'),
      input: fc.oneof(message, bytes(200)),
      holds: (data) => {
        const reader = new MessageReader((channel) => channel < 2);
        try {
          for (const one of [...reader.push(data), ...reader.endBody(), ...reader.push(data)]) {
            assert.ok((one.kind === 'packet' ? one.data : one.body).length <= 2 * data.length);
          }
        } catch (error) {
          assert.ok(error instanceof RtspError && error.reason === 'malformed', String(error));
        }
      },
    }));

  it('is read the same in whatever pieces it comes', () =>
    fuzz({
      corpus: corpus('pieces'),
      input: fc.record({
        sent: fc.array(
          fc.oneof(
            fc.record({ channel: fc.nat(255), data: bytes(20) }),
            fc.record({
              status: fc.integer({ min: 100, max: 599 }),
              body: bytes(20),
              end: fc.constantFrom('\r\n', '\n'),
            }),
            fc.record({ method: fc.constantFrom('OPTIONS', 'GET_PARAMETER'), end: fc.constantFrom('\r\n', '\n') }),
          ),
          { maxLength: 8 },
        ),
        cuts: fc.array(fc.nat(400), { maxLength: 8 }),
      }),
      holds: ({ sent, cuts }) => {
        const data = Buffer.concat(
          sent.map((one) => {
            if ('channel' in one) {
              return Buffer.concat([Buffer.from([0x24, one.channel, 0, one.data.length]), one.data]);
            }
            const text = 'status' in one ? `RTSP/1.0 ${one.status} OK` : `${one.method} * RTSP/1.0`;
            const body = 'status' in one ? one.body : Buffer.alloc(0);
            return Buffer.concat([
              Buffer.from(`${text}${one.end}Content-Length: ${body.length}${one.end}${one.end}`),
              body,
            ]);
          }),
        );
        const ends = [...cuts.map((cut) => cut % (data.length + 1)).sort((a, b) => a - b), data.length];
        const reader = new MessageReader(() => true);
        const read = ends.flatMap((end, index) => reader.push(data.subarray(ends[index - 1] ?? 0, end)));
        assert.deepEqual(
          read.map((one) =>
            one.kind === 'packet'
              ? [one.channel, one.data]
              : one.kind === 'response'
                ? [one.status, one.body]
                : [one.method],
          ),
          sent.map((one) =>
            'channel' in one ? [one.channel, one.data] : 'status' in one ? [one.status, one.body] : [one.method],
          ),
        );
      },
    }));

  it('is a description that is read or refused, whatever its text is', () =>
    fuzz({
      corpus: corpus('sdp'),
      input: textOf(
        'm=video 0 RTP/AVP 96\r\n',
        'm=audio 0 RTP/AVP 97 0 8\n',
        'a=rtpmap:96 H264/90000\r\n',
        'a=rtpmap:96 H265/0\r\n',
        'a=rtpmap:97 MPEG4-GENERIC/48000/2\r\n',
        'a=rtpmap:97 AAL2-G726-40/8000\r\n',
        'a=rtpmap:97 L16/0/9\r\n',
        'a=fmtp:96 sprop-parameter-sets=Z0LAHtk=,aM4=\r\n',
        'a=fmtp:96 sprop-vps=AAAB;sprop-sps=====\r\n',
        'a=fmtp:97 sizelength=13;indexlength=-3;config=zz\r\n',
        'a=control:*\r\n',
        'a=control:rtsp://x/ y\r\n',
        'a=',
        '\r',
      ),
      holds: (text) => {
        const sdp = parseSdp(text);
        chooseAudio(sdp);
        try {
          const { media, track } = chooseVideo(sdp);
          assert.doesNotMatch(controlUri('rtsp://h/p', media.control), /[\r\n ]/);
          assert.ok(track.parameterSets.length <= text.length + 64);
        } catch (error) {
          assert.ok(error instanceof RtspError && error.reason === 'unsupported', String(error));
        }
      },
    }));

  it('is a challenge that is answered in one line or not at all', () =>
    fuzz({
      corpus: corpus('challenges'),
      input: textOf(
        'Digest ',
        'Basic ',
        'realm=',
        'nonce=',
        '"a"',
        '"',
        ', ',
        'algorithm=SHA-256',
        'qop="auth"',
        'stale=true',
        '=',
        '\\',
      ),
      holds: (header) => {
        const authentication = new Authentication({ user: 'u"s', password: 'secret' });
        authentication.take([header], false);
        const answer = authentication.answer('DESCRIBE', 'rtsp://h/p');
        assert.doesNotMatch(answer ?? '', /[\r\n]|secret/);
        authentication.take([header], true);
      },
    }));

  it('is an address or a base that never gives its user away', () =>
    fuzz({
      corpus: corpus('addresses'),
      input: textOf('rtsp://', 'rtsps://', 'secret', ':', '@', '/', '?a=b', '#', '[::1]', 'host', '%', '%40'),
      holds: (text) => {
        try {
          const { uri } = parseAddress(text);
          assert.doesNotMatch(uri, /^rtsps?:\/\/[^/?]*secret[^/?]*@/i);
        } catch (error) {
          assert.ok(error instanceof RtspError && !error.message.includes('secret'), String(error));
        }
        assert.doesNotMatch(baseUri('rtsp://h/', text), /\s|^rtsps?:\/\/[^/?#]*@/i);
      },
    }));

  it('is RTCP that is read or ignored, and a report is always well formed', () =>
    fuzz({
      corpus: corpus('rtcp'),
      input: fc.array(
        fc.oneof(
          bytes(80),
          bytes(60).map((rest) => Buffer.concat([Buffer.from([0x80, 200, 0, 6]), rest])),
          fc.record({ sequence: fc.nat(65_535), timestamp: fc.nat(2 ** 32 - 1), ssrc: fc.constantFrom(1, 2) }),
        ),
        { maxLength: 20 },
      ),
      holds: (list) => {
        let now = 0;
        const reception = new Reception(90_000, 5, () => (now += 17));
        for (const one of list) {
          if (Buffer.isBuffer(one)) {
            reception.takeRtcp(one);
          } else {
            reception.take({ ...one, payloadType: 96, marker: false, payload: Buffer.alloc(0) });
          }
          const report = reception.toRtcp();
          let at = 0;
          while (at < report.length) {
            assert.equal(report.readUInt8(at) >> 6, 2);
            at += 4 + 4 * report.readUInt16BE(at + 2);
          }
          assert.equal(at, report.length);
          const wall = reception.wallClock(1000);
          assert.ok(wall === undefined || Number.isFinite(wall));
        }
      },
    }));

  it('is brought into order over UDP, each packet once, with few of them kept', () =>
    fuzz({
      corpus: corpus('order'),
      input: fc.array(fc.record({ sequence: fc.oneof(fc.nat(80), fc.nat(65_535)), wait: fc.nat(20) }), {
        maxLength: 120,
      }),
      holds: (list) => {
        let now = 0;
        const buffer = new ReorderBuffer(() => now);
        let released = 0;
        let last: number | null = null;
        for (const { sequence, wait } of list) {
          now += wait;
          for (const packet of buffer.push({
            payloadType: 96,
            marker: false,
            sequence,
            timestamp: 0,
            ssrc: 1,
            payload: Buffer.alloc(0),
          })) {
            released++;
            assert.notEqual(packet.sequence, last);
            last = packet.sequence;
          }
          assert.ok(released <= list.length);
        }
      },
    }));

  it('is read in a time that grows with its length alone', () => {
    // With an expression that goes back and forth over the spaces, each of these takes minutes.
    const gap = ' '.repeat(1_000_000);
    assert.deepEqual(parseSdp(`a=x${gap}y\r\n${gap}a=z${gap}`).media, []);
    assert.deepEqual(parseChallenges(`Basic realm="x"${gap}!`).length, 1);
    assert.deepEqual(parseChallenges(`${gap}!${gap}`), []);
  });
});
