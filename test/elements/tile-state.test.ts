import { expect } from '@open-wc/testing';
import { ConnectionError } from '../../src/client/errors.ts';
import { summarize, type TileFacts } from '../../src/elements/tile-state.ts';
import type { SlotStatus } from '../../src/protocol/messages.ts';

const active: SlotStatus = { slot: 0, stream: 'door', status: 'active' };
const playing: TileFacts = {
  wished: 'door',
  connection: 'open',
  connectionError: null,
  status: active,
  presented: true,
  failure: null,
};

describe('the state of a tile', () => {
  it('is active when the device says so of the wished stream and a frame of it is on the screen', () => {
    expect(summarize(playing).state).to.equal('active');
    expect(summarize({ ...playing, presented: false }).state).to.equal('buffering');
    expect(summarize({ ...playing, wished: 'garden' }).state).to.equal('buffering');
  });

  it('is what the device says otherwise, with its reason', () => {
    const status: SlotStatus = { slot: 0, stream: 'door', status: 'offline', error: 'camera does not answer' };
    expect(summarize({ ...playing, status })).to.deep.equal({
      state: 'offline',
      why: { reason: 'offline', message: 'camera does not answer', detail: 'camera does not answer' },
      shared: false,
    });
  });

  it('says why it loads where the device does', () => {
    const status: SlotStatus = { slot: 0, stream: 'door', status: 'buffering', code: 'no-keyframe' };
    const { state, why } = summarize({ ...playing, status });
    expect([state, why?.code]).to.deep.equal(['buffering', 'no-keyframe']);
    expect(summarize({ ...playing, status: { ...status, code: undefined } as never }).why).to.equal(null);
  });

  it('is that of the connection while there is no session, with a reason that all tiles share', () => {
    const connectionError = new ConnectionError('lost', 'code 1006');
    const facts: TileFacts = { ...playing, status: null, connection: 'waiting', connectionError };
    expect(summarize(facts)).to.deep.equal({ state: 'waiting', why: connectionError, shared: true });
    expect(summarize({ ...facts, connection: 'closed' }).state).to.equal('error');
    expect(summarize({ ...facts, connection: 'connecting' }).state).to.equal('connecting');
  });

  it('is inactive without a wish', () => {
    expect(summarize({ ...playing, wished: '' }).state).to.equal('inactive');
  });
});
