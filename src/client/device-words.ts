import type { DeviceMessage, ErrorCode, SlotStatus } from '../protocol/messages.ts';

/**
 * What devices that send no codes say instead: older versions of ours, the multistream fork of go2rtc, go2rtc. This is
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

/** Adds the code that the text means, where the device sent none. */
export function withCodes(message: DeviceMessage): DeviceMessage {
  switch (message.type) {
    case 'error':
      return coded(message, message.value);
    case 'multistream/status':
      return { ...message, status: codedStatus(message.status) };
    case 'multistream/answer':
      return { ...message, slots: message.slots.map(codedStatus) };
    default:
      return message;
  }
}

function codedStatus(status: SlotStatus): SlotStatus {
  return status.status === 'error' ? coded(status, status.error ?? '') : status;
}

function coded<T extends { code?: ErrorCode }>(about: T, text: string): T {
  const code = about.code ?? codeOf(text);
  return code === undefined ? about : { ...about, code };
}
