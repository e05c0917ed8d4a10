import type { ErrorCode } from '../../../src/protocol/messages.ts';

/** A message that a session cannot follow. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: ErrorCode;

  /** @param message for the client's reader; programs in the field match on some of these texts */
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
