import type { DeviceMessage, ErrorCode, ErrorMessage } from '../protocol/messages.ts';

/**
 * The texts of devices that send no codes: older versions of ours, the multistream fork of go2rtc, go2rtc. This is
 * the only place where the client reads a device's texts. The first match counts.
 */
const texts: [pattern: RegExp, code: ErrorCode][] = [
  [/stream not found/, 'stream-not-found'],
  [/too many slots/, 'too-many-slots'],
  [/too many sessions/, 'too-many-sessions'],
  [/codec mismatch|codecs not matched/, 'codec-mismatch'],
  [/superseded/, 'superseded'],
  [/no slots/, 'no-slots'],
  [/already initialized/, 'session-exists'],
  [/slot/, 'invalid-slot'],
  [/session/, 'no-session'],
];

export function codeOf(text: string): ErrorCode | undefined {
  return texts.find(([pattern]) => pattern.test(text))?.[1];
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

/** Adds the codes that the texts of a message mean, where the device sent none. */
export function addCodes(message: DeviceMessage): void {
  if (message.type === 'error') {
    addCode(message, message.value);
  } else if (message.type === 'multistream/status') {
    addCode(message.status, message.status.error);
  } else if (message.type === 'multistream/answer') {
    for (const status of message.slots) {
      addCode(status, status.error);
    }
  }
}

function addCode(failure: { code?: ErrorCode }, text = ''): void {
  const code = failure.code ?? codeOf(text);
  if (code) {
    failure.code = code;
  }
}
