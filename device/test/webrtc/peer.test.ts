import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { brokenDescription, pli } from '../support/rtcp.ts';
import { until } from '../support/until.ts';
import { fingerprint, playoutDelay } from './offers.ts';
import { Pair, picture } from './pair.ts';

/** An m-line as Firefox offers it while it has not fetched its decoder for H.264 yet. */
const withoutH264 = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 0.0.0.0',
  's=-',
  't=0 0',
  `a=fingerprint:${fingerprint}`,
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
const format = { codec: 'H264', width: 640, height: 360 } as const;
const slot = { slot: 0, open: () => {}, wantsKeyframe: () => {} };

describe('a peer', { timeout: 60_000 }, () => {
  let pair: Pair;

  beforeEach(() => {
    pair = new Pair(3);
  });

  afterEach(() => pair.close());

  it('sends what is written to each track on its m-line, under an SSRC of its own', async () => {
    await pair.connect();
    for (const [line, track] of pair.tracks.entries()) {
      track.replay([picture(100, line + 1, 0)], format, false);
    }
    await until(() => pair.received.every((packets) => packets.length > 1));
    for (const [line, packets] of pair.received.entries()) {
      const media = packets.filter((packet) => packet.readUInt8(1) !== 200);
      assert.ok(media.every((packet) => packet.readUInt32BE(8) === pair.ssrc(line) && packet.at(-1) === line + 1));
    }
  });

  it('tells each track what the viewer says of it, whatever m-line the packet comes on', async () => {
    await pair.connect();
    pair.say(Buffer.concat([pli(pair.ssrc(2)), pli(pair.ssrc(0)), pli(pair.ssrc(1) + 1)]));
    await until(() => pair.keyframesWanted.length >= 2);
    assert.deepEqual(pair.keyframesWanted, [2, 0]);
  });

  it('is not held up by a broken source description', async () => {
    await pair.connect();
    pair.say(brokenDescription);
    pair.say(pli(pair.ssrc(1)));
    await until(() => pair.keyframesWanted.length > 0);
    assert.deepEqual(pair.keyframesWanted, [1]);
  });

  it('answers a line that it has nothing for so that a browser can read it: each extension once', () => {
    const { sdp, tracks } = pair.device.answer(withoutH264, [slot]);
    assert.deepEqual(tracks, ['codec-mismatch']);
    const ids = [...sdp.matchAll(/^a=extmap:(\d+)/gm)].map(([, id]) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
  });

  it('lets the viewer begin the DTLS handshake, unless the viewer says otherwise', () => {
    const roles = ['actpass', 'active', 'passive'].map((setup) => {
      const other = new Pair(1);
      const { sdp } = other.device.answer(withoutH264.replace('actpass', setup), [slot]);
      other.close();
      return sdp.match(/(?<=^a=setup:).*$/m)?.[0];
    });
    assert.deepEqual(roles, ['passive', 'passive', 'active']);
  });

  it('sends nothing to a viewer whose certificate is not that of its offer', async () => {
    pair.connect(fingerprint).catch(() => {});
    await until(() => pair.states.includes('failed'));
    assert.ok(!pair.states.includes('connected') && pair.received.flat().length === 0, String(pair.states));
  });

  it('keeps no memory after its end', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const external = async () => {
      // A track's callbacks go by way of the event loop.
      for (let turn = 0; turn < 5; turn++) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const { external: bytes, arrayBuffers } = process.memoryUsage();
      return bytes + arrayBuffers;
    };
    const play = async () => {
      const one = new Pair(3);
      await one.connect();
      for (const track of one.tracks) {
        track.replay(
          Array.from({ length: 10 }, (_, index) => picture(50_000, 7, index * 3600)),
          format,
          false,
        );
      }
      await until(() => one.received.every((packets) => packets.length > 0));
      one.close();
    };
    await play();
    const before = await external();
    for (let session = 0; session < 5; session++) {
      await play();
    }
    const grown = ((await external()) - before) / 5;
    assert.ok(grown < 100_000, `${Math.round(grown / 1000)} kB of each session stayed`);
  });
});
