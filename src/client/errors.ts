import type { ErrorCode, SlotStatus } from '../protocol/messages.ts';
import { slotLimitIn } from './device-words.ts';

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

/** Why there is no session. The message tells a developer what to do about it; a wall says it in its reader's language. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly reason: ConnectionErrorReason;
  /** The words of the device or the browser; empty if the reason says everything. */
  readonly detail: string;
  /** The device's reason for refusing, where it has a code. */
  readonly code: ErrorCode | undefined;

  constructor(reason: ConnectionErrorReason, message: string, cause?: unknown, detail = '', code?: ErrorCode) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.detail = detail;
    this.code = code;
  }

  /** False where trying again cannot help: the page itself has to change. */
  get retryable(): boolean {
    return this.reason !== 'bad-url' && this.reason !== 'mixed-content' && this.reason !== 'closed';
  }

  /** How many slots a session may have, where the device refused more and says how many it allows; else null. */
  get slotLimit(): number | null {
    return this.code === 'too-many-slots' ? slotLimitIn(this.detail) : null;
  }

  static badUrl(url: string, cause: unknown): ConnectionError {
    return new ConnectionError('bad-url', `"${url}" is not a device URL such as https://device.example.com`, cause);
  }

  static mixedContent(url: string, cause: unknown): ConnectionError {
    return new ConnectionError(
      'mixed-content',
      `This page is on https and may not open ${url}: give the device a certificate, or open this page over http`,
      cause,
    );
  }

  static unreachable(url: string): ConnectionError {
    return new ConnectionError('unreachable', `No answer from ${url}: is it switched on, and on this network?`);
  }

  static refused(text: string, code?: ErrorCode): ConnectionError {
    return new ConnectionError('refused', `The device refused to play (${text})`, undefined, text, code);
  }

  static unsupported(detail: string): ConnectionError {
    return new ConnectionError('unsupported', `The device does not speak multistream (${detail})`, undefined, detail);
  }

  /** A device that speaks multistream has a code for why it refuses a session; another one names an unknown message. */
  static refusedInit(text: string, code?: ErrorCode): ConnectionError {
    return code === undefined || code === 'unsupported' || code === 'invalid-message'
      ? ConnectionError.unsupported(text)
      : ConnectionError.refused(text, code);
  }

  static mediaFailed(detail: string, cause?: unknown): ConnectionError {
    return new ConnectionError(
      'media-failed',
      `The video does not get through: open the device's UDP port, or use a TURN server (${detail})`,
      cause,
      detail,
    );
  }

  /** Wraps an error on the way to a session; errors of other classes come from the browser's WebRTC. */
  static of(error: unknown): ConnectionError {
    return error instanceof ConnectionError ? error : ConnectionError.mediaFailed(String(error), error);
  }

  static timeout(step: string, milliseconds: number): ConnectionError {
    const message = `No answer in ${milliseconds / 1000} s (${step})`;
    return new ConnectionError('timeout', message, undefined, step);
  }

  static lost(detail: string): ConnectionError {
    return new ConnectionError('lost', `The connection to the device was lost (${detail})`);
  }

  static closed(): ConnectionError {
    return new ConnectionError('closed', 'A MultiStreamClient connects once: create a new one');
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
    super(`${status.stream}: ${switchErrorText[reason](status)}`);
    this.reason = reason;
    this.status = status;
  }
}

const switchErrorText: Record<SwitchErrorReason, (status: SlotStatus) => string> = {
  error: ({ error }) => error ?? 'the device cannot show it',
  superseded: () => 'superseded by a newer request',
  timeout: ({ status, error }) => `no picture in time (${error ?? status})`,
  closed: () => 'no session with the device',
};
