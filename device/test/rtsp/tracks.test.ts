import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSdp } from '../../src/rtsp/sdp.ts';
import { chooseAudio } from '../../src/rtsp/tracks.ts';

/** The sound of an SDP with one audio line of this payload type. */
function soundOf(payloadType: number, rtpmap = '') {
  const map = rtpmap && `a=rtpmap:${payloadType} ${rtpmap}\r\n`;
  const chosen = chooseAudio(parseSdp(`v=0\r\nm=audio 0 RTP/AVP ${payloadType}\r\n${map}`));
  return chosen && { ...chosen.track, config: [...chosen.track.config] };
}

describe('the sound of an RTSP camera', () => {
  for (const [rtpmap, codec, bits] of [
    ['G726-16/8000', 'G726', 2],
    ['G726-24/8000', 'G726', 3],
    ['G726-32/8000', 'G726', 4],
    ['g726-40/8000/1', 'G726', 5],
    ['AAL2-G726-32/8000', 'AAL2-G726', 4],
  ] as const) {
    it(`is G.726 with ${bits} bits a sample where the camera says ${rtpmap}`, () => {
      assert.deepEqual(soundOf(97, rtpmap), { codec, clockRate: 8000, channels: 1, config: [bits] });
    });
  }

  it('is L16 at its own rate, of one channel or two, and with the types that need no words', () => {
    const l16 = { codec: 'L16', config: [] };
    assert.deepEqual(soundOf(97, 'L16/16000'), { ...l16, clockRate: 16_000, channels: 1 });
    assert.deepEqual(soundOf(97, 'L16/48000/2'), { ...l16, clockRate: 48_000, channels: 2 });
    assert.deepEqual(soundOf(10), { ...l16, clockRate: 44_100, channels: 2 });
    assert.deepEqual(soundOf(11), { ...l16, clockRate: 44_100, channels: 1 });
  });

  it('is none where it is in a codec, at a rate or with channels that nothing here reads', () => {
    for (const rtpmap of ['G726-48/8000', 'L16/100', 'L16/48000/6', 'L24/48000', 'DVI4/8000']) {
      assert.equal(soundOf(97, rtpmap), null, rtpmap);
    }
  });
});
