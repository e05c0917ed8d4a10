import { expect } from '@open-wc/testing';
import { decodeClientMessage, RefusedMessage } from '../../src/protocol/decode-client-message.ts';

const slots = [
  { slot: 5, stream: 'camera1', quality: '360p' },
  { slot: 0, stream: 'camera2' },
  { slot: 3, stream: '' },
];

describe('what the device understands of a client', () => {
  const messages = [
    { type: 'multistream/init', request_id: 'r1', slots },
    { type: 'multistream/init', slots: [{ slot: 0, stream: 'camera1', quality: '' }] },
    { type: 'multistream/init', slots, transport: 'socket', accept: ['avc1.640033'] },
    { type: 'multistream/offer', request_id: 'r2', sdp: 'v=0' },
    { type: 'multistream/switch', request_id: 'r3', slot: 0, stream: 'camera4', quality: '720p' },
    { type: 'multistream/switch', slot: 0, stream: 'camera4' },
    { type: 'multistream/pause', request_id: 'r4', slot: 2 },
    { type: 'multistream/resume', request_id: 'r5', slot: 2 },
    { type: 'multistream/resume', slot: 2, stream: 'camera4', quality: 'native' },
    { type: 'multistream/keyframe', slot: -1 },
    { type: 'multistream/keyframe', slot: 4 },
    {
      type: 'multistream/prepare',
      request_id: 'r6',
      streams: [{ stream: 'camera1', quality: '360p' }, { stream: 'b' }],
      left: [{ stream: 'c', quality: '360p' }],
    },
    { type: 'multistream/prepare', streams: [], left: [{ stream: 'c' }] },
    { type: 'multistream/ice', candidate: 'candidate:1 1 UDP' },
  ] as const;

  for (const message of messages) {
    const { type, ...fields } = message;
    it(`reads ${JSON.stringify(message)} in both framings`, () => {
      const flat = decodeClientMessage(JSON.stringify(message));
      const wrapped = decodeClientMessage(JSON.stringify({ type, value: fields }));
      expect(flat.message).to.deep.equal(message);
      expect(flat.envelope.framing).to.equal('flat');
      expect(wrapped.message).to.deep.equal(message);
      expect(wrapped.envelope.framing).to.equal('wrapped');
    });
  }

  it('reads a close, with and without an empty value', () => {
    const authorize = { type: 'multistream/authorize', request_id: '1', token: 'a.b.c' };
    expect(decode(authorize)).to.deep.equal(authorize);
    expect(decode({ type: 'multistream/close' })).to.deep.equal({ type: 'multistream/close' });
    expect(decode({ type: 'multistream/close', value: {} })).to.deep.equal({ type: 'multistream/close' });
  });

  it('reads a candidate that stands in the value itself, as go2rtc’s clients write it', () => {
    expect(decode({ type: 'multistream/ice', value: 'candidate:1' })).to.deep.equal({
      type: 'multistream/ice',
      candidate: 'candidate:1',
    });
  });

  it('takes a candidate without text for the end of the candidates', () => {
    expect(decode({ type: 'multistream/ice' })).to.deep.equal({ type: 'multistream/ice', candidate: '' });
  });

  it('reads what go2rtc’s clients say to play one stream', () => {
    for (const message of [
      { type: 'webrtc/offer', value: 'v=0' },
      { type: 'webrtc/candidate', value: 'candidate:1' },
      { type: 'webrtc/candidate', value: '' },
    ]) {
      expect(decode(message)).to.deep.equal(message);
    }
    expect(refusal('{"type": "webrtc/offer", "value": 7}').message).to.equal('webrtc/offer: the offer has no sdp');
    expect(refusal('{"type": "webrtc/offer"}').message).to.equal('webrtc/offer: the value is a string');
  });

  it('drops fields that it does not know', () => {
    expect(decode({ type: 'multistream/pause', slot: 1, colour: 'red' })).to.deep.equal({
      type: 'multistream/pause',
      slot: 1,
    });
  });

  it('ignores a type that is not ours', () => {
    expect(decode({ type: 'something/else', value: '' })).to.equal(null);
    expect(decode({ type: 'constructor' })).to.equal(null);
  });

  const invalid = [
    [{ type: 'multistream/init' }, 'multistream/init: no slots requested'],
    [{ type: 'multistream/init', slots: [] }, 'multistream/init: no slots requested'],
    [{ type: 'multistream/init', slots: [7] }, 'multistream/init: a slot is an object, {slot, stream, quality}'],
    [{ type: 'multistream/init', slots: [{ stream: 'a' }] }, 'multistream/init: invalid slot index'],
    [{ type: 'multistream/init', slots: [{ slot: -1, stream: 'a' }] }, 'multistream/init: invalid slot index'],
    [{ type: 'multistream/init', slots: [{ slot: 0.5, stream: 'a' }] }, 'multistream/init: invalid slot index'],
    [{ type: 'multistream/init', slots: [{ slot: '0', stream: 'a' }] }, 'multistream/init: invalid slot index'],
    [{ type: 'multistream/init', slots: 'all' }, 'multistream/init: slots is a list of {slot, stream, quality}'],
    [{ type: 'multistream/init', slots: [{ slot: 0, stream: 7 }] }, 'multistream/init: the stream is a string'],
    [
      {
        type: 'multistream/init',
        slots: [
          { slot: 1, stream: 'a' },
          { slot: 1, stream: 'b' },
        ],
      },
      'multistream/init: invalid slot index: two slots have the same number',
    ],
    [{ type: 'multistream/offer' }, 'multistream/offer: the offer has no sdp'],
    [{ type: 'multistream/offer', sdp: 7 }, 'multistream/offer: the offer has no sdp'],
    [{ type: 'multistream/switch', stream: 'a' }, 'multistream/switch: invalid slot index'],
    [{ type: 'multistream/switch', slot: 0 }, 'multistream/switch: the stream is a string'],
    [{ type: 'multistream/switch', slot: 70_000, stream: 'a' }, 'multistream/switch: invalid slot index'],
    [{ type: 'multistream/prepare' }, 'multistream/prepare: streams is a list of {stream, quality}'],
    [{ type: 'multistream/prepare', streams: {} }, 'multistream/prepare: streams is a list of {stream, quality}'],
    [
      { type: 'multistream/prepare', streams: Array.from({ length: 65 }, () => ({ stream: 'a' })) },
      'multistream/prepare: at most 64 streams are prepared',
    ],
    [{ type: 'multistream/keyframe', slot: -2 }, 'multistream/keyframe: invalid slot index'],
  ] as const;

  for (const [message, text] of invalid) {
    it(`refuses ${JSON.stringify(message)} in words that clients match on or people understand`, () => {
      const refused = refusal(JSON.stringify(message));
      expect(refused.message).to.equal(text);
      expect(refused.reason).to.equal('invalid-field');
    });
  }

  it('refuses texts beyond any sensible length', () => {
    expect(refusal(JSON.stringify({ type: 'multistream/switch', slot: 0, stream: 'a'.repeat(257) })).message).to.equal(
      'multistream/switch: the stream has at most 256 characters',
    );
    expect(refusal(JSON.stringify({ type: 'multistream/ice', candidate: 'c'.repeat(2049) })).message).to.equal(
      'multistream/ice: the candidate has at most 2048 characters',
    );
  });

  it('names the request in a refusal, so that the client knows which of its requests failed', () => {
    expect(refusal('{"type": "multistream/switch", "request_id": "r7", "slot": 0}').requestId).to.equal('r7');
    expect(refusal('{"type": "multistream/switch", "value": {"request_id": "r8"}}').requestId).to.equal('r8');
    expect(refusal('{"type": "multistream/switch", "request_id": 9}').requestId).to.equal(undefined);
  });

  it('names for programs what was wrong', () => {
    const codeOf = (message: object) => refusal(JSON.stringify(message)).code;
    expect(codeOf({ type: 'multistream/pause', slot: -1 })).to.equal('invalid-slot');
    expect(codeOf({ type: 'multistream/init', slots: [] })).to.equal('no-slots');
    expect(codeOf({ type: 'multistream/offer' })).to.equal('invalid-message');
  });

  it('refuses at once the other ways in which go2rtc plays', () => {
    for (const type of ['mp4', 'hls']) {
      expect(refusal(JSON.stringify({ type, value: 'avc1.640029' }))).to.include({
        ...{ code: 'unsupported', message: `${type}: this device plays over WebRTC, MSE and MJPEG alone` },
      });
    }
  });

  it('refuses garbage without a request to name', () => {
    expect(refusal('hello')).to.include({ reason: 'not-json', requestId: undefined });
    expect(refusal('[]')).to.include({ reason: 'not-a-message', requestId: undefined });
  });
});

function decode(message: object): unknown {
  return decodeClientMessage(JSON.stringify(message)).message;
}

function refusal(text: string): RefusedMessage {
  try {
    decodeClientMessage(text);
  } catch (error) {
    if (error instanceof RefusedMessage) {
      return error;
    }
    throw error;
  }
  throw new Error('the message was not refused');
}
