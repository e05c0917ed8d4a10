import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StreamFormat } from '../../src/media/access-unit.ts';
import { formatFor, type OfferedVideo, readOffer } from '../../src/webrtc/offer.ts';
import { bundle, fingerprint, h264, h265, offerOf, playoutDelay, transport, video } from './offers.ts';

describe('an offer', () => {
  const formatsOf = (lines: string[]) => (readOffer(offerOf(video('0', lines))).videos[0] as OfferedVideo).formats;

  it('gives its video m-lines in order, each with the highest H.264 profile that takes whole pictures', () => {
    const offer = offerOf(
      bundle('one', '0'),
      video('one', [
        'a=rtpmap:96 VP8/90000',
        ...h264(102, 'packetization-mode=1;profile-level-id=42001f'),
        ...h264(104, 'packetization-mode=0;profile-level-id=64001f'),
        ...h264(106, 'packetization-mode=1;profile-level-id=4d001f'),
        `a=extmap:6 ${playoutDelay}`,
      ]),
      video('0', ['a=rtpmap:96 VP8/90000']),
    );
    const line = {
      ...{ kind: 'video', protocol: 'UDP/TLS/RTP/SAVPF' },
      format: { name: '96', rtpmap: '96 VP8/90000' },
    };
    assert.deepEqual(readOffer(offer).videos, [
      {
        ...{ mid: 'one', ...line, playoutDelayId: 6 },
        formats: [{ codec: 'H264', payloadType: 106, parameters: 'packetization-mode=1;profile-level-id=4d001f' }],
      },
      { mid: '0', ...line, formats: [], playoutDelayId: null },
    ]);
  });

  it('gives one format of H.265 for each profile, as browsers write them', () => {
    const formats = formatsOf([
      ...h264(96, 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'),
      ...h265(102, 'level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST'),
      ...h265(104, 'level-id=180;profile-id=2;tier-flag=0;tx-mode=SRST'),
      ...h265(106, 'level-id=93;tx-mode=SRST'),
      ...h265(108, 'profile-id=4;tx-mode=MRST'),
    ]);
    assert.deepEqual(
      formats.map(({ codec, payloadType, profile }) => [codec, payloadType, profile]),
      [
        ['H264', 96, undefined],
        ['H265', 102, 1],
        ['H265', 104, 2],
      ],
    );
    const size = { width: 640, height: 360 };
    const payloadOf = (format: Pick<StreamFormat, 'codec' | 'profile'>) => formatFor(formats, { ...format, ...size });
    assert.equal(payloadOf({ codec: 'H264' })?.payloadType, 96);
    assert.equal(payloadOf({ codec: 'H265', profile: 2 })?.payloadType, 104);
    assert.equal(payloadOf({ codec: 'H265', profile: 4 }), undefined);
  });

  it('is read by its words and not by what they look like: numbers, and names that every object has', () => {
    const offer = offerOf(bundle('1e3', 'constructor'), video('1e3', []), video('constructor', ['a=__proto__:1']));
    const numbers = offer
      .replaceAll(/a=ice-ufrag:.*/g, 'a=ice-ufrag:12345')
      .replaceAll(/a=ice-pwd:.*/g, `a=ice-pwd:${'7'.repeat(24)}`);
    const { videos, transport: read } = readOffer(numbers);
    assert.deepEqual([read.user, read.password], ['12345', '7'.repeat(24)]);
    assert.deepEqual(
      videos.map(({ mid }) => mid),
      ['1e3', 'constructor'],
    );
  });

  it('gives no format that RTP has no payload type for, or that is not in its m-line', () => {
    for (const payload of [64, 95, 128, 200, 100]) {
      assert.deepEqual(formatsOf(h264(payload, 'packetization-mode=1')), [], `payload type ${payload}`);
    }
  });

  it('gives no extension whose id does not fit into one byte', () => {
    for (const id of [0, 15, 200]) {
      const [line] = readOffer(offerOf(video('0', [`a=extmap:${id} ${playoutDelay}`]))).videos;
      assert.equal((line as OfferedVideo).playoutDelayId, null);
    }
  });

  it('has a transport for its first video and for what is bundled with that', () => {
    const offer = offerOf(bundle('0', '2'), video('0', []), video('1', []), video('2', []));
    const { videos, bundled } = readOffer(offer);
    assert.equal(bundled, true);
    assert.deepEqual(
      videos.map((line) => 'formats' in line),
      [true, false, true],
    );
    const alone = readOffer(offerOf(video('0', []), video('1', [])));
    assert.deepEqual([alone.bundled, alone.videos.map((line) => 'formats' in line)], [false, [true, false]]);
  });

  it('may say its transport once for all m-lines, or with the first of a group', () => {
    const lines = ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0', 'a=recvonly'];
    assert.deepEqual(readOffer(offerOf(...transport, ...lines)).transport, {
      ...{ user: 'abcd', password: 'abcdefghijklmnopqrstuv', fingerprint, setup: 'actpass' },
    });
    const withAudio = offerOf(
      bundle('a', '0'),
      ...['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:a', 'a=recvonly', ...transport],
      ...['m=video 0 UDP/TLS/RTP/SAVPF 96', 'a=bundle-only', 'a=mid:0', 'a=recvonly'],
    );
    assert.equal(readOffer(withAudio).transport.user, 'abcd');
  });

  it('counts only the m-lines on which the device may send video', () => {
    const offer = offerOf(
      bundle('0', '1', '2'),
      video('0', []).replace('a=recvonly', 'a=sendonly'),
      video('1', []).replace('m=video 9', 'm=video 0'),
      video('2', []),
    );
    assert.deepEqual(
      readOffer(offer).videos.map(({ mid }) => mid),
      ['2'],
    );
    assert.equal(readOffer(offer).lines.length, 3);
  });

  it('gives the candidates of the m-line whose transport is used', () => {
    const candidate = (port: number) => `a=candidate:1 1 udp 1 192.0.2.7 ${port} typ host`;
    const offer = offerOf(bundle('0', '1'), video('0', [candidate(1)]), video('1', [candidate(2)]));
    assert.deepEqual(readOffer(offer).candidates, ['1 1 udp 1 192.0.2.7 1 typ host']);
  });

  it('is refused with the reason', () => {
    const refusals: [string, RegExp][] = [
      ['garbage', /no video/],
      [offerOf(...transport, 'm=video 9 UDP/TLS/RTP/SAVPF 96'), /without a mid/],
      [offerOf(video('0', []), video('0', [])), /same mid/],
      [offerOf(video('m'.repeat(65), [])), /no token/],
      [offerOf(video('a b', [])), /no token/],
      [offerOf(video('0', []).replace('a=ice-ufrag:abcd', 'a=ice-ufrag:a b c')), /a=ice-ufrag/],
      [offerOf(video('0', []).replace('sha-256', 'md5')), /a=fingerprint/],
      [offerOf(video('0', []).replace('actpass', 'holdconn')), /a=setup/],
      [offerOf('m=video'), /cannot be read/],
      [offerOf(...Array.from({ length: 257 }, () => 'm=video 9 X 96')), /more than 256/],
    ];
    for (const [offer, reason] of refusals) {
      assert.throws(() => readOffer(offer), reason);
    }
  });
});
