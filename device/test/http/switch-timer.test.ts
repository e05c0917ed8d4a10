import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { DeviceMessage, SlotState } from '../../../src/protocol/messages.ts';
import { SwitchTimer } from '../../src/http/switch-timer.ts';

describe('the switch timer', () => {
  let took: number[];
  let timer: SwitchTimer;

  beforeEach(() => {
    took = [];
    timer = new SwitchTimer((milliseconds) => took.push(milliseconds));
  });

  const ask = (slot: number, at: number, requestId?: string) =>
    timer.received(
      {
        type: 'multistream/switch',
        slot,
        stream: 'a',
        ...(requestId === undefined ? {} : { request_id: requestId }),
      },
      at,
    );
  const tell = (slot: number, status: SlotState, at: number, requestId?: string) => {
    const message: DeviceMessage = { type: 'multistream/status', slot, status: { slot, stream: 'a', status } };
    timer.sent(requestId === undefined ? message : { ...message, request_id: requestId }, at);
  };

  it('measures from the request to the active that answers it', () => {
    ask(1, 1000, 'r');
    tell(1, 'buffering', 1010, 'r');
    tell(2, 'active', 1020, 'r');
    tell(1, 'active', 1045, 'r');
    tell(1, 'active', 2000, 'r');
    assert.deepEqual(took, [45]);
  });

  it('measures clients that name no request too', () => {
    ask(1, 1000);
    tell(1, 'active', 1030);
    assert.deepEqual(took, [30]);
  });

  it('measures the newest of two requests', () => {
    ask(1, 1000, 'old');
    ask(1, 1500, 'new');
    tell(1, 'error', 1500, 'old');
    tell(1, 'active', 1540, 'new');
    assert.deepEqual(took, [40]);
  });

  it('forgets a request that failed', () => {
    ask(1, 1000, 'r');
    tell(1, 'error', 1001, 'r');
    tell(1, 'active', 9000, 'r');
    assert.deepEqual(took, []);
  });

  it('forgets requests of a session that is over', () => {
    ask(1, 1000);
    timer.received({ type: 'multistream/close' }, 1100);
    tell(1, 'active', 9000);
    assert.deepEqual(took, []);
  });
});
