import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptPlayoutDelay, readOffer, withoutCandidates } from '../../src/sessions/offer.ts';

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
        h264: { payloadType: 106, parameters: 'packetization-mode=1;profile-level-id=4d001f' },
        playoutDelayId: 6,
      },
      { mid: '0', h264: null, playoutDelayId: null },
    ]);
  });

  it('is refused where there is no video in it, or no mid', () => {
    assert.throws(() => readOffer('garbage'), /no video/);
    assert.throws(() => readOffer(offerOf('m=video 9 UDP/TLS/RTP/SAVPF 96')), /without a mid/);
  });

  it('is answered with the playout-delay extension where it was offered', () => {
    const answer = offerOf(video('one', []), video('0', []));
    const accepted = acceptPlayoutDelay(answer, [
      { mid: 'one', h264: null, playoutDelayId: 6 },
      { mid: '0', h264: null, playoutDelayId: null },
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
