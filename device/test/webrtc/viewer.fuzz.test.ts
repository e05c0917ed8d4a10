import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { decodeClientMessage, RefusedMessage } from '../../../src/protocol/decode-client-message.ts';
import { writeAnswer, writeLibraryOffer } from '../../src/webrtc/answer.ts';
import { ClientCandidates } from '../../src/webrtc/client-candidate.ts';
import { isUsable, readOffer } from '../../src/webrtc/offer.ts';
import { readFeedback } from '../../src/webrtc/rtcp.ts';
import { readSdp } from '../../src/webrtc/sdp.ts';
import { userOfZeroTieBreaker, withTieBreaker } from '../../src/webrtc/stun.ts';
import { fuzz } from '../support/fuzz.ts';
import {
  brokenDescription,
  emptyReport,
  estimate,
  fir,
  longDescription,
  nack,
  nackBefore,
  pli,
  report,
} from '../support/rtcp.ts';
import { until } from '../support/until.ts';
import { check, password } from './checks.ts';
import { bundle, fingerprint, h264, h265, offerOf, playoutDelay, video } from './offers.ts';
import { Pair } from './pair.ts';

const ours = { user: 'ours', password: 'vutsrqponmlkjihgfedcba', fingerprint, setup: 'active' };
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

/** One of these packets, with some bytes changed and an end that is cut. */
function broken(packets: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.tuple(fc.nat(1400), fc.nat(255));
  return fc
    .tuple(fc.constantFrom(...packets), fc.array(change, { maxLength: 6 }), fc.nat(1400))
    .map(([packet, changes, length]) => {
      const copy = Buffer.from(packet);
      for (const [at, value] of changes) {
        copy[at % copy.length] = value;
      }
      return copy.subarray(0, Math.max(1, copy.length - (length % 24)));
    });
}

describe('a viewer may send anything', () => {
  it('as RTCP: each word is read at most once, and numbers are what they can be', () => {
    const packets = [
      ...[
        report(7, 64),
        estimate(2_000_000, 7),
        nack(7, 0x0001_ffff, 0xffff_0001),
        pli(7),
        fir(7, 8),
        longDescription(),
      ],
      Buffer.concat([emptyReport, report(7, 255, 1, 1), nack(8, 1), fir(9)]),
    ];
    return fuzz({
      corpus: new URL('corpus/rtcp/', import.meta.url),
      input: fc.oneof(broken(packets), bytes(200)),
      holds: (packet) => {
        const said = [...readFeedback(packet, 1_000_000)];
        assert.ok(said.length <= packet.length / 8, `${said.length} statements`);
        for (const one of said) {
          assert.ok(one.type === 'estimate' || (one.ssrc >= 0 && one.ssrc < 2 ** 32));
          assert.ok(one.type !== 'report' || (one.loss >= 0 && one.loss < 1 && (one.roundTrip ?? 0) >= 0));
          assert.ok(one.type !== 'estimate' || (Number.isFinite(one.bitrate) && one.bitrate >= 0));
          assert.ok(one.type !== 'missing' || one.sequences.every((sequence) => sequence >= 0 && sequence < 2 ** 16));
        }
      },
    });
  });

  it('as RTCP over a real connection: the next thing that it says is heard all the same', async () => {
    const pair = new Pair(2);
    try {
      await pair.connect();
      const ssrc = pair.ssrc(0);
      const packets = [
        report(ssrc, 64),
        nackBefore(ssrc, 9, 200),
        pli(ssrc),
        fir(ssrc, 8),
        brokenDescription,
        longDescription(),
      ];
      await fuzz({
        corpus: new URL('corpus/rtcp/', import.meta.url),
        // Its first two bytes make it RTCP: the library sends nothing else on a line that receives.
        input: broken(packets).map((packet) =>
          Buffer.concat([Buffer.from([0x81, packet[1] ?? 201]), packet.subarray(2)]),
        ),
        runs: 200,
        holds: async (packet) => {
          const isRtcp = packet.length >= 8 && (packet[1] ?? 0) >= 192 && (packet[1] ?? 0) <= 223;
          if (isRtcp) {
            pair.say(packet);
          }
          const heard = pair.keyframesWanted.length;
          const wanted = () => pair.keyframesWanted.slice(heard).includes(1);
          pair.say(pli(pair.ssrc(1)));
          await until(wanted);
        },
      });
    } finally {
      pair.close();
    }
  });

  it('as a check of ICE: it is mended only if the password signed it, and keeps its length', () =>
    fuzz({
      corpus: new URL('corpus/stun/', import.meta.url),
      input: fc.oneof(broken([check(), check({ tieBreaker: 7n }), check({ user: '' })]), bytes(200)),
      holds: (packet) => {
        userOfZeroTieBreaker(packet);
        const mended = withTieBreaker(packet, password);
        assert.ok(mended === null || mended.length === packet.length);
        assert.equal(withTieBreaker(packet, 'another password, of 26 bytes'), null);
      },
    }));

  it('as an offer: it is refused in words, or answered line by line', () => {
    const lines = offerOf(
      bundle('0', '1', 'a'),
      video('0', [
        ...h264(102, 'packetization-mode=1'),
        `a=extmap:6 ${playoutDelay}`,
        'a=candidate:1 1 udp 1 ::1 9 typ host',
      ]),
      ...['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:a', 'a=recvonly', 'a=rtpmap:111 opus/48000/2'],
      video('1', [...h265(104, 'profile-id=2;tx-mode=SRST'), 'a=bundle-only']),
      ...['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:d'],
    )
      .split('\r\n')
      .filter((line) => line !== '');
    const line = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...lines) },
      { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom(...lines), fc.string({ maxLength: 4, unit: 'binary' }), fc.nat(60))
          .map(([text, inserted, at]) => text.slice(0, at % text.length) + inserted + text.slice(at % text.length)),
      },
    );
    // Whole offers with a few lines changed get further than lines at random.
    const changed = fc
      .array(fc.tuple(fc.nat(lines.length - 1), line), { maxLength: 4 })
      .map((changes) => lines.map((own, index) => changes.find(([at]) => at === index)?.[1] ?? own));
    return fuzz({
      corpus: new URL('corpus/offer/', import.meta.url),
      runs: 400,
      input: fc
        .tuple(fc.oneof(changed, fc.array(line, { maxLength: 40 })), fc.constantFrom('\r\n', '\n'))
        .map(([list, end]) => list.join(end)),
      holds: (sdp) => {
        let offer: ReturnType<typeof readOffer>;
        try {
          offer = readOffer(sdp);
        } catch (error) {
          assert.match((error as Error).message, /^the sdp has /);
          return;
        }
        const usable = offer.videos.filter(isUsable);
        const sources = new Map(
          usable.map(({ mid, formats }, index) => [
            mid,
            formats.length > 0 ? { ssrc: index, name: `slot-${index}`, cname: 'device' } : null,
          ]),
        );
        const answer = readSdp(writeAnswer(offer, ours, sources));
        assert.equal(answer.media.length, offer.lines.length);
        for (const [index, { kind, port, attributes }] of answer.media.entries()) {
          assert.equal(kind, offer.lines[index]?.kind);
          assert.equal(attributes.get('mid')?.[0] ?? null, offer.lines[index]?.mid);
          assert.equal(attributes.get('ice-ufrag')?.[0], port === 0 ? undefined : 'ours');
        }
        const own = readSdp(writeLibraryOffer(offer.transport));
        assert.equal(own.media.length, 1);
        const candidates = new ClientCandidates({ address: '192.0.2.9', user: offer.transport.user });
        for (const candidate of offer.candidates) {
          candidates.take(`candidate:${candidate}`);
        }
      },
    });
  });

  it('as a message: it is understood, passed over, or refused in a few words, and has no field of its own making', () => {
    const slots = [{ slot: 0, stream: 'a', quality: '360p' }];
    const messages = [
      ...[
        { type: 'multistream/init', request_id: 'r', slots },
        { type: 'multistream/switch', ...slots[0] },
      ],
      ...[
        { type: 'multistream/prepare', streams: slots },
        { type: 'multistream/authorize', token: 't' },
      ],
      ...[
        { type: 'multistream/ice', candidate: 'candidate:1' },
        { type: 'webrtc', value: { type: 'offer', sdp: 'v=0' } },
      ],
      ...[
        { type: 'multistream/keyframe', slot: 0 },
        { type: 'multistream', value: { type: 'pause', slot: 0 } },
      ],
    ].map((message) => Object.entries(message));
    const key = fc.constantFrom('type', 'value', 'slot', 'slots', 'streams', 'request_id', '__proto__', 'constructor');
    const field = fc.tuple(fc.oneof(key, fc.string({ maxLength: 8 })), fc.jsonValue({ maxDepth: 3 }));
    const changed = fc
      .tuple(fc.constantFrom(...messages), fc.array(field, { maxLength: 3 }))
      // As text, since an object would take `__proto__` for its prototype.
      .map(([own, more]) => [...own, ...more].map((pair) => pair.map((part) => JSON.stringify(part)).join(':')))
      .map((fields) => `{${fields.join()}}`);
    return fuzz({
      corpus: new URL('corpus/message/', import.meta.url),
      input: fc.oneof(changed, fc.json(), fc.string({ maxLength: 200 })),
      holds: (text) => {
        try {
          const { message } = decodeClientMessage(text);
          assert.ok(message === null || Object.getPrototypeOf(message) === Object.prototype);
          assert.ok(message === null || typeof message.type === 'string');
        } catch (error) {
          assert.ok(error instanceof RefusedMessage, String(error));
          assert.ok(error.message.length < 300, `${error.message.length} characters`);
          assert.ok((error.requestId ?? '').length <= 128);
        }
      },
    });
  });

  it('as candidates: what comes out names an address, and is twenty at most', () => {
    const word = fc.oneof(
      fc.constantFrom('candidate:1', '1', 'udp', 'UDP', 'tcp', '192.0.2.7', '2001:db8::7', 'a.local', 'b.example'),
      fc.constantFrom('typ', 'host', 'srflx', '9', '70000', 'ufrag', 'ours', 'theirs', 'raddr', 'fe80::1%eth0'),
      fc.string({ maxLength: 12 }),
    );
    const candidate = fc.oneof(
      fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
      fc
        .tuple(fc.nat(), word, word, word)
        .map(([priority, host, port, type]) => `candidate:1 1 udp ${priority} ${host} ${port} typ ${type}`),
    );
    return fuzz({
      corpus: new URL('corpus/candidates/', import.meta.url),
      input: fc.array(candidate, { maxLength: 40 }),
      holds: (list) => {
        const candidates = new ClientCandidates({ address: '192.0.2.9', user: 'ours' });
        const taken = list.flatMap((one) => candidates.take(one));
        assert.ok(taken.length <= 20);
        for (const one of taken) {
          assert.match(one, /^candidate:[\w+/-]+ 1 UDP \d+ [\da-fA-F.:]+ \d+ typ (?:host|srflx|prflx|relay)$/);
        }
      },
    });
  });
});
