import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StreamFormat } from '../../src/media/access-unit.ts';
import {
  acceptPlayoutDelay,
  formatFor,
  type OfferedVideo,
  readOffer,
  withoutCandidates,
} from '../../src/sessions/offer.ts';

const playoutDelay = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';

function video(mid: string, lines: string[]): string {
  return [
    'm=video 9 UDP/TLS/RTP/SAVPF 96 102 104 106 108',
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    'a=recvonly',
    ...lines,
  ].join('\r\n');
}
const session = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0'].join('\r\n');
const h264 = (payload: number, parameters: string) => [
  `a=rtpmap:${payload} H264/90000`,
  `a=fmtp:${payload} ${parameters}`,
];
const offerOf = (...videos: string[]) => `${[session, ...videos].join('\r\n')}\r\n`;

describe('an offer', () => {
  it('gives its video m-lines in order, each with the highest H.264 profile that takes whole pictures', () => {
    const offer = offerOf(
      video('one', [
        'a=rtpmap:96 VP8/90000',
        ...h264(102, 'packetization-mode=1;profile-level-id=42001f'),
        ...h264(104, 'packetization-mode=0;profile-level-id=64001f'),
        ...h264(106, 'packetization-mode=1;profile-level-id=4d001f'),
        `a=extmap:6 ${playoutDelay}`,
      ]),
      video('0', ['a=rtpmap:96 VP8/90000']),
    );
    assert.deepEqual(readOffer(offer), [
      {
        mid: 'one',
        formats: [{ codec: 'H264', payloadType: 106, parameters: 'packetization-mode=1;profile-level-id=4d001f' }],
        playoutDelayId: 6,
      },
      { mid: '0', formats: [], playoutDelayId: null },
    ]);
  });

  it('gives one format of H.265 for each profile, as browsers write them', () => {
    const h265 = (payload: number, parameters: string) => [
      `a=rtpmap:${payload} H265/90000`,
      `a=fmtp:${payload} ${parameters}`,
    ];
    const offer = offerOf(
      video('0', [
        ...h264(96, 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'),
        ...h265(102, 'level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST'),
        ...h265(104, 'level-id=180;profile-id=2;tier-flag=0;tx-mode=SRST'),
        ...h265(106, 'level-id=93;tx-mode=SRST'),
        ...h265(108, 'profile-id=4;tx-mode=MRST'),
      ]),
    );
    const { formats } = readOffer(offer)[0] as OfferedVideo;
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

  it('is refused where there is no video in it, or no mid', () => {
    assert.throws(() => readOffer('garbage'), /no video/);
    assert.throws(() => readOffer(offerOf('m=video 9 UDP/TLS/RTP/SAVPF 96')), /without a mid/);
  });

  it('is answered with the playout-delay extension where it was offered', () => {
    const answer = offerOf(video('one', []), video('0', []));
    const accepted = acceptPlayoutDelay(answer, [
      { mid: 'one', formats: [], playoutDelayId: 6 },
      { mid: '0', formats: [], playoutDelayId: null },
    ]);
    assert.equal(accepted, answer.replace('a=mid:one\r\n', `a=mid:one\r\na=extmap:6 ${playoutDelay}\r\n`));
  });

  it('is answered without candidates, which travel one by one', () => {
    const answer = offerOf(video('0', []));
    assert.equal(
      withoutCandidates(`${answer}a=candidate:1 1 UDP 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n`),
      answer,
    );
  });
});
