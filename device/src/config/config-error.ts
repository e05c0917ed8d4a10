export type ConfigErrorReason = 'unreadable' | 'not-yaml' | 'unknown-key' | 'invalid-value' | 'unavailable';

/** A mistake in the configuration, in one line: the file, the line, what is wrong and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly reason: ConfigErrorReason;

  /** @param place file name, with `:line` where a line is to blame */
  constructor(reason: ConfigErrorReason, place: string, message: string) {
    super(`${place}: ${message.replaceAll(/\s+/g, ' ')}`);
    this.reason = reason;
  }
}
