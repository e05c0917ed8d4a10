import type { ConnectionState } from '../client/device-connection.ts';
import type { ConnectionError, ConnectionErrorReason, SwitchError, SwitchErrorReason } from '../client/errors.ts';
import type { ErrorCode, SlotState, SlotStatus } from '../protocol/messages.ts';

/** The states of a tile: those of a slot, and those that it has without a session. */
export type TileState = SlotState | 'connecting' | 'waiting';

/** The reason for a failure. The errors of the client have this shape. */
export interface Why {
  /** `offline`: the camera's state. `attribute`: what the page wrote into one cannot be read. */
  readonly reason: ConnectionErrorReason | SwitchErrorReason | 'offline' | 'attribute';
  /** An English text, shown until the extras with the reader's language are loaded. */
  readonly message: string;
  /** The words of the device or the browser; empty if they said nothing. */
  readonly detail: string;
  /** The device's reason, where it has a code. */
  readonly code?: ErrorCode | undefined;
}

export interface TileFacts {
  /** The resolved name; empty when nothing is wished for. */
  wished: string;
  connection: ConnectionState;
  connectionError: ConnectionError | null;
  /** The device's last status in this session. */
  status: SlotStatus | null;
  /** A frame of what `status` calls active has been presented. */
  presented: boolean;
  /** Why the wish failed. */
  failure: SwitchError | null;
}

export interface TileSummary {
  state: TileState;
  /** Null where there is nothing to explain. */
  why: Why | null;
  /** The reason concerns the whole wall, which explains it once. */
  shared: boolean;
}

/** Derives a tile's state. `active` needs both the device's status and a frame on the screen. */
export function summarize(facts: TileFacts): TileSummary {
  if (facts.wished === '') {
    return own('inactive');
  }
  if (facts.connection === 'open') {
    return inSession(facts);
  }
  // A device that has none of the streams opens no session, yet it is the stream that is wrong.
  const { connectionError: why } = facts;
  return why?.code === 'stream-not-found' ? own('error', why) : { state: withoutSession(facts), why, shared: true };
}

function inSession(facts: TileFacts): TileSummary {
  const { status, failure } = facts;
  if (failure) {
    return own('error', failure);
  }
  if (status === null) {
    return own('pending');
  }
  if (status.status === 'active' && (status.stream !== facts.wished || !facts.presented)) {
    return own('buffering');
  }
  const { status: state, error = '', code } = status;
  const reason = state === 'offline' ? 'offline' : 'error';
  const why = { reason, message: error, detail: error, ...(code && { code }) } as const;
  return own(state, error || code || state === reason ? why : null);
}

function own(state: TileState, why: Why | null = null): TileSummary {
  return { state, why, shared: false };
}

function withoutSession({ connection, connectionError: why }: TileFacts): TileState {
  if (connection === 'closed') {
    return why ? 'error' : 'inactive';
  }
  return connection === 'connecting' || connection === 'waiting' ? connection : 'pending';
}
