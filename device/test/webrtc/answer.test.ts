import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writeAnswer, writeLibraryOffer } from '../../src/webrtc/answer.ts';
import { readOffer } from '../../src/webrtc/offer.ts';
import { bundle, fingerprint, h264, h265, offerOf, playoutDelay, transport, video } from './offers.ts';

const ours = { user: 'ours', password: 'vutsrqponmlkjihgfedcba', fingerprint, setup: 'active' };
const source = { ssrc: 7, name: 'slot-a', cname: 'device' };

describe('an answer', () => {
  it('says of each m-line what is sent on it and how, and over which transport', () => {
    const lines = [
      ...h264(102, 'packetization-mode=1;profile-level-id=42001f'),
      ...h265(104, 'profile-id=1;tx-mode=SRST'),
      `a=extmap:6 ${playoutDelay}`,
    ];
    const offer = readOffer(offerOf(bundle('0'), video('0', lines)));
    assert.equal(
      writeAnswer(offer, ours, new Map([['0', source]])),
      [
        ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'a=msid-semantic:WMS *'],
        ...['m=video 9 UDP/TLS/RTP/SAVPF 102 104', 'c=IN IP4 0.0.0.0', 'a=mid:0'],
        ...['a=ice-ufrag:ours', 'a=ice-pwd:vutsrqponmlkjihgfedcba', 'a=ice-options:ice2,trickle'],
        ...[`a=fingerprint:${fingerprint}`, 'a=setup:active', 'a=rtcp-mux', 'a=sendonly', `a=extmap:6 ${playoutDelay}`],
        ...['a=rtpmap:102 H264/90000', 'a=rtcp-fb:102 nack', 'a=rtcp-fb:102 nack pli', 'a=rtcp-fb:102 goog-remb'],
        'a=fmtp:102 packetization-mode=1;profile-level-id=42001f',
        ...['a=rtpmap:104 H265/90000', 'a=rtcp-fb:104 nack', 'a=rtcp-fb:104 nack pli', 'a=rtcp-fb:104 goog-remb'],
        'a=fmtp:104 profile-id=1;tx-mode=SRST',
        ...['a=msid:slot-a slot-a', 'a=ssrc:7 cname:device', 'a=ssrc:7 msid:slot-a slot-a', ''],
      ].join('\r\n'),
    );
  });

  it('rejects what is no video, and what no slot is there for', () => {
    const offer = readOffer(
      offerOf(
        bundle('0', 'a', 'd', '1'),
        video('0', h264(102, 'packetization-mode=1')),
        ...['m=audio 9 UDP/TLS/RTP/SAVPF 111 63', 'a=mid:a', 'a=recvonly'],
        ...['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:d', 'a=sctp-port:5000'],
        video('1', h264(102, 'packetization-mode=1')),
        ...['m=something 9 a/b c', 'a=mid:s'],
      ),
    );
    const answer = writeAnswer(offer, ours, new Map([['0', source]]));
    assert.deepEqual(answer.match(/^(?:m=|a=group|a=mid).*$/gm), [
      'a=group:BUNDLE 0',
      ...['m=video 9 UDP/TLS/RTP/SAVPF 102', 'a=mid:0'],
      ...['m=audio 0 UDP/TLS/RTP/SAVPF 111', 'a=mid:a'],
      ...['m=application 0 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:d'],
      ...['m=video 0 UDP/TLS/RTP/SAVPF 96', 'a=mid:1'],
      ...['m=something 0 a/b c', 'a=mid:s'],
    ]);
  });

  it('keeps the connection with an m-line that it has no codec for', () => {
    const offer = readOffer(offerOf(bundle('0'), video('0', ['a=rtpmap:96 VP8/90000', `a=extmap:6 ${playoutDelay}`])));
    const answer = writeAnswer(offer, ours, new Map([['0', null]]));
    assert.match(
      answer,
      /m=video 9 UDP\/TLS\/RTP\/SAVPF 96\r\n[\s\S]*a=ice-ufrag:ours\r\n[\s\S]*a=inactive\r\na=rtpmap:96 VP8/,
    );
    assert.doesNotMatch(answer, /extmap|ssrc/);
  });

  it('keeps the m-line that carries the transport, also if it is sound', () => {
    const offer = readOffer(
      offerOf(
        bundle('a', '0'),
        ...['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:a', 'a=recvonly', ...transport, 'a=rtpmap:111 opus/48000/2'],
        video('0', h264(102, 'packetization-mode=1')),
      ),
    );
    const answer = writeAnswer(offer, ours, new Map([['0', source]]));
    assert.match(answer, /a=group:BUNDLE a 0\r\n/);
    assert.match(
      answer,
      /m=audio 9 UDP\/TLS\/RTP\/SAVPF 111\r\n[\s\S]*a=inactive\r\na=rtpmap:111 opus\/48000\/2\r\nm=video 9/,
    );
  });

  it('says in which codecs the sound may come, and rejects a second m-line of sound', () => {
    const audio = (mid: string) => [
      ...['m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13', `a=mid:${mid}`, 'a=recvonly', 'a=rtpmap:111 opus/48000/2'],
      ...['a=fmtp:111 minptime=10;useinbandfec=1', 'a=rtpmap:63 red/48000/2', 'a=rtpmap:9 G722/8000'],
      ...['a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=rtpmap:13 CN/8000'],
    ];
    const offer = readOffer(
      offerOf(bundle('0', '1', '2'), video('0', h264(102, 'packetization-mode=1')), ...audio('1'), ...audio('2')),
    );
    assert.deepEqual(
      offer.audio?.formats.map(({ codec, payloadType }) => [codec, payloadType]),
      [
        ['OPUS', 111],
        ['G722', 9],
        ['PCMU', 0],
        ['PCMA', 8],
      ],
    );
    const sound = { ssrc: 9, name: 'sound-a', cname: 'device' };
    const sources = new Map(Object.entries({ '0': source, '1': sound }));
    const [, heard = '', second = ''] = writeAnswer(offer, ours, sources).split('m=audio ');
    assert.match(heard, /^9 UDP\/TLS\/RTP\/SAVPF 111 9 0 8\r\n[\s\S]*a=mid:1\r\n[\s\S]*a=sendonly\r\n/);
    assert.match(
      heard,
      /a=rtpmap:111 opus\/48000\/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:9 G722\/8000/,
    );
    assert.match(heard, /a=ssrc:9 cname:device\r\n/);
    assert.match(second, /^0 UDP\/TLS\/RTP\/SAVPF 111\r\n[\s\S]*a=mid:2\r\na=inactive/);
  });

  it('names no group if there was none', () => {
    const offer = readOffer(offerOf(video('0', h264(102, 'packetization-mode=1')), video('1', [])));
    const answer = writeAnswer(offer, ours, new Map([['0', source]]));
    assert.doesNotMatch(answer, /BUNDLE/);
    assert.match(answer, /m=video 0 UDP\/TLS\/RTP\/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1/);
  });
});

describe('the offer that the library is given', () => {
  it('has one m-line, and of the viewer’s words its keys alone', () => {
    const offer = readOffer(
      offerOf(bundle('0', '1'), video('0', ['a=x-something:else', 'a=ssrc:1 cname:a']), video('1', [])),
    );
    const written = writeLibraryOffer(offer.transport);
    assert.equal(written.match(/^m=/gm)?.length, 1);
    const keys = transport.filter((line) => !line.startsWith('a=setup'));
    assert.deepEqual(
      written.split('\r\n').filter((line) => keys.includes(line)),
      keys,
    );
    assert.doesNotMatch(written, /something|ssrc/);
  });
});
