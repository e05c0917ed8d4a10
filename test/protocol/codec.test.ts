import { expect } from '@open-wc/testing';
import { encode, type Framing, openEnvelope, ProtocolError } from '../../src/protocol/index.ts';

const offer = { type: 'multistream/offer', request_id: 'r1', sdp: 'v=0' } as const;

describe('opening the envelope of a message', () => {
  it('takes the fields of a flat message from beside its type', () => {
    const envelope = openEnvelope('{"type": "multistream/offer", "request_id": "r1", "sdp": "v=0"}');
    expect(envelope).to.deep.equal({
      type: 'multistream/offer',
      fields: { request_id: 'r1', sdp: 'v=0' },
      framing: 'flat',
    });
  });

  it('takes the fields of a wrapped message from its value', () => {
    const envelope = openEnvelope('{"type": "multistream/offer", "value": {"request_id": "r1", "sdp": "v=0"}}');
    expect(envelope).to.deep.equal({
      type: 'multistream/offer',
      fields: { request_id: 'r1', sdp: 'v=0' },
      framing: 'wrapped',
    });
  });

  it('reads a message that carries its fields in both places as wrapped', () => {
    const { fields, framing } = openEnvelope(encode(offer, 'both'));
    expect(fields).to.deep.equal({ request_id: 'r1', sdp: 'v=0' });
    expect(framing).to.equal('wrapped');
  });

  it('keeps what stands beside the value of a wrapped message', () => {
    const { fields } = openEnvelope('{"type": "multistream/offer", "request_id": "r1", "value": {"sdp": "v=0"}}');
    expect(fields).to.deep.equal({ request_id: 'r1', sdp: 'v=0' });
  });

  it('believes the value where the two places differ', () => {
    const { fields } = openEnvelope('{"type": "multistream/offer", "sdp": "outside", "value": {"sdp": "inside"}}');
    expect(fields.sdp).to.equal('inside');
  });

  it('does not guess the framing of a message without fields', () => {
    expect(openEnvelope('{"type": "multistream/close"}').framing).to.equal(undefined);
  });

  it('does not guess the framing of a message whose value is a string, since both write it so', () => {
    const { fields, framing } = openEnvelope('{"type": "multistream/ice", "value": "candidate:1"}');
    expect(fields).to.deep.equal({ value: 'candidate:1' });
    expect(framing).to.equal(undefined);
  });

  it('does not guess the framing of an error that names its request', () => {
    expect(openEnvelope('{"type": "error", "request_id": "r1", "value": "no"}').framing).to.equal(undefined);
  });

  it('knows a wrapped message without fields by its empty value', () => {
    const { fields, framing } = openEnvelope('{"type": "multistream/close", "value": {}}');
    expect(fields).to.deep.equal({});
    expect(framing).to.equal('wrapped');
  });

  it('does not take a list for wrapped fields', () => {
    const { fields } = openEnvelope('{"type": "multistream/offer", "value": ["v=0"]}');
    expect(fields).to.deep.equal({ value: ['v=0'] });
  });

  for (const text of ['', 'hello', '{"type": "multistream/close"', '\u0000', 'undefined']) {
    it(`refuses ${JSON.stringify(text)}, which is not JSON`, () => {
      expect(refusal(text)).to.equal('not-json');
    });
  }

  for (const text of [
    'null',
    '7',
    '"multistream/close"',
    '[]',
    '[{"type": "multistream/close"}]',
    '{}',
    '{"type": 7}',
  ]) {
    it(`refuses ${text}, which is no message`, () => {
      expect(refusal(text)).to.equal('not-a-message');
    });
  }

  it('says what a message looks like when it refuses one', () => {
    expect(() => openEnvelope('[]')).to.throw(ProtocolError, '{"type": "multistream/init"}');
  });

  it('takes a field called __proto__ for a field like any other', () => {
    const { fields } = openEnvelope('{"type": "x", "value": {"__proto__": {"slot": 7}}}');
    expect('slot' in fields).to.equal(false);
  });
});

describe('encoding a message', () => {
  it('puts the fields beside the type in the flat framing', () => {
    expect(JSON.parse(encode(offer, 'flat'))).to.deep.equal(offer);
  });

  it('puts the fields into the value in the wrapped framing, and nothing beside it', () => {
    expect(JSON.parse(encode(offer, 'wrapped'))).to.deep.equal({
      type: 'multistream/offer',
      value: { request_id: 'r1', sdp: 'v=0' },
    });
  });

  it('puts the fields into both places for a device that is not known yet', () => {
    expect(JSON.parse(encode(offer, 'both'))).to.deep.equal({ ...offer, value: { request_id: 'r1', sdp: 'v=0' } });
  });

  for (const framing of ['flat', 'wrapped', 'both'] satisfies Framing[]) {
    it(`writes a candidate of the device and an error alike in the ${framing} framing`, () => {
      const candidate = { type: 'multistream/ice', value: 'candidate:1' } as const;
      const error = { type: 'error', request_id: 'r1', value: 'multistream/init: no slots requested' } as const;
      expect(JSON.parse(encode(candidate, framing))).to.deep.equal(candidate);
      expect(JSON.parse(encode(error, framing))).to.deep.equal(error);
    });

    it(`gives back what it wrote in the ${framing} framing`, () => {
      const { type, fields } = openEnvelope(encode(offer, framing));
      expect({ type, ...fields }).to.deep.equal(offer);
    });
  }
});

function refusal(text: string): string {
  try {
    openEnvelope(text);
  } catch (error) {
    if (error instanceof ProtocolError) {
      return error.reason;
    }
  }
  return 'no ProtocolError';
}
