import { type ErrorCode, type ErrorMessage, errorCodes } from './messages.ts';

/** Words that mean a code, besides its own, such as `stream not found`. The first match counts. */
const words: [words: string, code: ErrorCode][] = [
  ['codecs not matched', 'codec-mismatch'],
  ['already initialized', 'session-exists'],
  // The fork's answer where it has none of the streams.
  ['no valid slots', 'stream-not-found'],
  ['slot', 'invalid-slot'],
  ['session', 'no-session'],
];

/**
 * The code that a text means, for devices that send none: older versions of ours, the multistream fork of go2rtc, go2rtc. This
 * is the only place where the client reads a device's texts.
 */
export function codeOf(text: string): ErrorCode | undefined {
  return (
    errorCodes.find((code) => text.includes(code.replaceAll('-', ' '))) ??
    words.find(([some]) => text.includes(some))?.[1]
  );
}

/** How many slots a device allows that says so when it refuses more; else null. */
export function slotLimitIn(text: string): number | null {
  const limit = /at most (\d+)/.exec(text)?.[1];
  return limit === undefined ? null : Number(limit);
}

/** Which message of ours an error is about: its text begins with the type, as go2rtc's does. */
export function isAbout(text: string, ...types: string[]): boolean {
  return types.some((type) => text.startsWith(type));
}

/** Whether the device closes the socket after this error. */
export function isFarewell({ code }: ErrorMessage): boolean {
  return code === 'unauthorized' || code === 'too-many-messages';
}
