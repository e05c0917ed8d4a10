import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { pino } from 'pino';
import { Peer } from '../../src/sessions/peer.ts';

const playoutDelay = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';

/** As Firefox offers a line, here while it has not fetched its decoder for H.264 yet. */
const offer = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(':')}`,
  'a=group:BUNDLE 0',
  'a=ice-options:trickle',
  'm=video 9 UDP/TLS/RTP/SAVPF 120',
  'c=IN IP4 0.0.0.0',
  'a=recvonly',
  'a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid',
  `a=extmap:6/recvonly ${playoutDelay}`,
  'a=ice-pwd:2e7e0622a09581cef30eae2bf9d554f9',
  'a=ice-ufrag:db6b234a',
  'a=mid:0',
  'a=rtcp-mux',
  'a=rtpmap:120 VP8/90000',
  'a=setup:actpass',
  '',
].join('\r\n');

describe('a peer', () => {
  const peer = new Peer(
    {
      iceServers: [],
      candidates: [],
      host: '127.0.0.1',
      port: 0,
      clientAddress: undefined,
      log: pino({ level: 'silent' }),
    },
    { candidate: () => {}, state: () => {} },
  );

  after(() => peer.close());

  it('answers a line that it has nothing for so that a browser can read it: each extension once', () => {
    const { sdp, tracks } = peer.answer(offer, () => null);
    assert.deepEqual(tracks, [null]);
    const ids = [...sdp.matchAll(/^a=extmap:(\d+)/gm)].map(([, id]) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
  });
});
