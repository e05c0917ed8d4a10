import { slotLimitIn } from '../protocol/device-words.ts';
import type { ErrorCode, SlotStatus } from '../protocol/messages.ts';

export type ConnectionErrorReason =
  | 'bad-url'
  | 'mixed-content'
  | 'unreachable'
  | 'local-network'
  | 'origin-refused'
  | 'unauthorized'
  | 'no-upgrade'
  | 'login-required'
  | 'not-a-device'
  | 'refused'
  | 'unsupported'
  | 'media-failed'
  | 'timeout'
  | 'lost'
  | 'closed';

/** A text for each reason. The diagnosis gives texts of its own for the other reasons. */
const texts: Partial<Record<ConnectionErrorReason, string>> = {
  'bad-url': 'This is not the address of a device',
  'mixed-content': 'A page on https may not open a device on http: give it a certificate',
  unreachable: 'No answer',
  refused: 'The device refused to play',
  unsupported: 'The device cannot be played in this way',
  'media-failed': 'No video gets through: open UDP, or use a TURN server',
  timeout: 'No answer in time',
  lost: 'The connection was lost',
  closed: 'A MultiStreamClient connects once: create a new one',
};

/** Why there is no session. The message tells a developer what to do about it; a wall says it in its reader's language. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly reason: ConnectionErrorReason;
  /** The words of the device or the browser, the missing step, or the address; empty if the reason says everything. */
  readonly detail: string;
  /** The device's reason for refusing, where it has a code. */
  readonly code: ErrorCode | undefined;

  constructor(
    reason: ConnectionErrorReason,
    detail = '',
    { code, ...options }: ErrorOptions & { code?: ErrorCode | undefined } = {},
  ) {
    const text = texts[reason];
    super(text && detail ? `${text} (${detail})` : (text ?? detail), options);
    this.reason = reason;
    this.detail = detail;
    this.code = code;
  }

  /** Wraps an error on the way to a session; errors of other classes come from the browser's WebRTC. */
  static of(error: unknown): ConnectionError {
    return error instanceof ConnectionError
      ? error
      : new ConnectionError('media-failed', String(error), { cause: error });
  }

  /** False where trying again cannot help: the page itself has to change. */
  get retryable(): boolean {
    return !['bad-url', 'mixed-content', 'closed'].includes(this.reason);
  }

  /** How many slots a session may have, where the device refused more and says how many it allows; else null. */
  get slotLimit(): number | null {
    return this.code === 'too-many-slots' ? slotLimitIn(this.detail) : null;
  }
}

export type SwitchErrorReason = 'error' | 'superseded' | 'timeout' | 'closed';

/** Why a slot does not show what was asked for. What it showed before goes on. */
export class SwitchError extends Error {
  override readonly name = 'SwitchError';
  readonly reason: SwitchErrorReason;
  /** The device's last word on this request; its `stream` is the name that was asked for. */
  readonly status: SlotStatus;

  /** The device's words; empty if it said nothing. */
  get detail(): string {
    return this.status.error ?? '';
  }

  /** The device's reason, where it has a code. */
  get code(): ErrorCode | undefined {
    return this.status.code;
  }

  constructor(reason: SwitchErrorReason, status: SlotStatus) {
    super(`${status.stream}: ${(reason === 'error' && status.error) || reason}`);
    this.reason = reason;
    this.status = status;
  }
}
