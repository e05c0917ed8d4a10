import type { SingleStreamReply } from './messages.ts';

const types: readonly unknown[] = ['webrtc/answer', 'webrtc/candidate', 'error'] satisfies SingleStreamReply['type'][];

/**
 * Reads a message from a device to the client of one stream. Null for any other message, such as go2rtc's for other ways
 * of playing. Stands alone, since it is loaded only where a device knows no multistream.
 */
export function decodeStreamReply(text: string): SingleStreamReply | null {
  const { type, value, code } = Object(parse(text)) as Record<string, unknown>;
  if (!types.includes(type) || typeof value !== 'string') {
    return null;
  }
  // A code that this version does not know does no harm: it is only compared.
  return { type, value, ...(typeof code === 'string' && { code }) } as SingleStreamReply;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
