export type ProtocolErrorReason = 'not-json' | 'not-a-message' | 'invalid-field' | 'unsupported';

/** A text that is no message of the protocol. The message says what is wrong with it. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly reason: ProtocolErrorReason;

  constructor(reason: ProtocolErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
