import { expect } from '@open-wc/testing';
import { decodeDeviceMessage, ProtocolError } from '../../src/protocol/index.ts';

const status = { slot: 0, stream: 'camera1-360p', status: 'active' } as const;

describe('what the client understands of a device', () => {
  const messages = [
    { type: 'multistream/ready', request_id: 'r1', slots: 3 },
    { type: 'multistream/ready', request_id: 'r1', slots: 3, max_slots: 9 },
    { type: 'multistream/ready', slots: 3, ice_servers: [{ urls: ['turn:t'], username: 'u', credential: 'c' }] },
    { type: 'multistream/answer', request_id: 'r2', sdp: 'v=0', slots: [{ ...status, mid: '0' }] },
    { type: 'multistream/answer', sdp: 'v=0', slots: [] },
    { type: 'multistream/answer', request_id: 'r2', slots: [status] },
    { type: 'multistream/ready', slots: 3, transport: 'socket' },
    { type: 'multistream/status', slot: 0, status },
    {
      type: 'multistream/status',
      request_id: 'r3',
      slot: 0,
      status: { ...status, status: 'error', error: 'why', code: 'superseded' },
    },
    { type: 'multistream/disconnected', reason: 'ICE failed' },
  ] as const;

  for (const message of messages) {
    const { type, ...fields } = message;
    it(`reads ${JSON.stringify(message)} in both framings`, () => {
      expect(decodeDeviceMessage(JSON.stringify(message))).to.deep.equal({ message, framing: 'flat' });
      expect(decodeDeviceMessage(JSON.stringify({ type, value: fields }))).to.deep.equal({
        message,
        framing: 'wrapped',
      });
    });
  }

  it('reads a candidate and an error, which are the same in both framings', () => {
    const candidate = { type: 'multistream/ice', value: 'candidate:1' };
    const error = { type: 'error', value: 'multistream/init: no slots requested', code: 'no-slots', request_id: 'r1' };
    expect(decode(candidate)).to.deep.equal(candidate);
    expect(decode(error)).to.deep.equal(error);
  });

  it('ignores a type that it does not know', () => {
    expect(decode({ type: 'multistream/weather', value: 'rain' })).to.equal(null);
    expect(decode({ type: 'toString' })).to.equal(null);
  });

  it('ignores fields that it does not know', () => {
    const answer = { type: 'multistream/status', slot: 0, status: { ...status, bitrate: 7 }, extra: true };
    expect(decode(answer)).to.deep.equal({ type: 'multistream/status', slot: 0, status });
  });

  it('keeps every field of a slot status that it knows', () => {
    const full = {
      ...status,
      error: 'e',
      quality: '720p',
      actual_quality: '360p',
      mid: '3',
      width: 640,
      height: 360,
      codec: 'H264',
      rtp_first: 4_294_967_295,
      rtp_live: 12,
    };
    expect(decode({ type: 'multistream/status', slot: 0, status: full })).to.deep.equal({
      type: 'multistream/status',
      slot: 0,
      status: full,
    });
  });

  it('takes a status that it does not know for a slot that shows nothing yet', () => {
    const message = decode({ type: 'multistream/status', slot: 0, status: { ...status, status: 'dreaming' } });
    expect(message).to.have.nested.property('status.status', 'pending');
  });

  it('leaves out optional fields of another type, which are a device’s own', () => {
    const odd = { ...status, mid: 7, error: null, code: 'of-another-version', width: '640' };
    expect(decode({ type: 'multistream/status', request_id: 5, slot: 0, status: odd })).to.deep.equal({
      type: 'multistream/status',
      slot: 0,
      status,
    });
  });

  it('reads the status of a slot without a stream as that of a spare slot', () => {
    const message = decode({ type: 'multistream/status', slot: 1, status: { slot: 1, status: 'inactive' } });
    expect(message).to.have.nested.property('status.stream', '');
  });

  const invalid = [
    [{ type: 'multistream/ready', slots: 'three' }, 'multistream/ready: "slots" is an integer, not "three"'],
    [{ type: 'multistream/ready', slots: 1.5 }, 'multistream/ready: "slots" is an integer, not 1.5'],
    [{ type: 'multistream/answer', sdp: 'v=0', slots: {} }, 'multistream/answer: "slots" is a list, not {}'],
    [{ type: 'multistream/answer', sdp: 'v=0', slots: [7] }, 'multistream/answer: a slot status is an object'],
    [{ type: 'multistream/status', slot: 0 }, 'multistream/status: a slot status is an object'],
    [{ type: 'multistream/ice', value: 7 }, 'multistream/ice: "value" is a string, not 7'],
    [{ type: 'error' }, 'error: "value" is a string, not undefined'],
  ] as const;

  for (const [message, text] of invalid) {
    it(`refuses ${JSON.stringify(message)} and says which field is wrong`, () => {
      expect(() => decode(message))
        .to.throw(ProtocolError, text)
        .with.property('reason', 'invalid-field');
    });
  }

  it('refuses garbage', () => {
    expect(() => decodeDeviceMessage('<html>'))
      .to.throw(ProtocolError)
      .with.property('reason', 'not-json');
    expect(() => decodeDeviceMessage('[]'))
      .to.throw(ProtocolError)
      .with.property('reason', 'not-a-message');
  });
});

function decode(message: object): unknown {
  return decodeDeviceMessage(JSON.stringify(message)).message;
}
