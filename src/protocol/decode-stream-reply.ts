import type { ShapeMessage, SingleStreamReply } from './messages.ts';

const texts: readonly unknown[] = ['webrtc/answer', 'webrtc/candidate', 'error'] satisfies SingleStreamReply['type'][];

/** More than any camera has, in pixels. */
const largest = 65_536;

/**
 * Reads a message from a device to the client of one stream. Null for any other message, such as go2rtc's for other ways
 * of playing. Stands alone, since it is loaded only where a device knows no multistream.
 */
export function decodeStreamReply(text: string): Extract<SingleStreamReply, { value: string }> | ShapeMessage | null {
  const { type, value, code, width, height, display_width } = Object(parse(text)) as Record<string, unknown>;
  if (type === 'webrtc/shape') {
    const shape = { width, height, display_width };
    return Object.values(shape).every(isSize) ? ({ type, ...shape } as ShapeMessage) : null;
  }
  if (!texts.includes(type) || typeof value !== 'string') {
    return null;
  }
  // A code that this version does not know does no harm: it is only compared.
  return { type, value, ...(typeof code === 'string' && { code }) } as Extract<SingleStreamReply, { value: string }>;
}

function isSize(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < largest;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
