import type { ConnectionState } from './client/device-connection.ts';
import type { ConnectionError, SwitchError } from './client/errors.ts';
import type { SlotState, SlotStatus } from './protocol/messages.ts';

/** What a tile can say of itself: a slot's states, and those that it has without a device. */
export type TileState = SlotState | 'connecting' | 'waiting';

export interface TileFacts {
  /** The resolved name; empty when nothing is wished for. */
  wished: string;
  connection: ConnectionState;
  connectionError: ConnectionError | null;
  /** The device's last word in this session. */
  status: SlotStatus | null;
  /** A frame of what `status` calls active has been presented. */
  presented: boolean;
  /** Why the wish failed. */
  failure: SwitchError | null;
}

export interface TileSummary {
  state: TileState;
  /** Why, where there is a reason. */
  reason: string;
  /** The reason concerns the whole wall, which explains it once. */
  shared: boolean;
}

/** `active` takes both: the device's word and a frame on the screen. */
export function summarize(facts: TileFacts): TileSummary {
  if (facts.wished === '') {
    return own('inactive');
  }
  return facts.connection === 'open' ? inSession(facts) : { ...withoutSession(facts), shared: true };
}

function inSession(facts: TileFacts): TileSummary {
  const { status, failure } = facts;
  if (failure) {
    return own('error', failure.message);
  }
  if (status === null) {
    return own('pending');
  }
  if (status.status === 'active' && (status.stream !== facts.wished || !facts.presented)) {
    return own('buffering');
  }
  return own(status.status, status.error);
}

function own(state: TileState, reason = ''): TileSummary {
  return { state, reason, shared: false };
}

function withoutSession({ connection, connectionError }: TileFacts): Omit<TileSummary, 'shared'> {
  const reason = connectionError?.message ?? '';
  switch (connection) {
    case 'connecting':
      return { state: 'connecting', reason };
    case 'waiting':
      return { state: 'waiting', reason };
    case 'closed':
      return { state: reason === '' ? 'inactive' : 'error', reason };
    default:
      return { state: 'pending', reason };
  }
}
