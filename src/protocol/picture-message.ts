/**
 * The binary messages of a session whose pictures travel over its WebSocket: ten bytes in front of a piece of fragmented MP4,
 * big-endian.
 *
 * | byte | |
 * |---|---|
 * | 0 | kind: 1 init segment, 2 one fragment: a picture, or several of a GOP so far; 3 and 4 are the same of the slot's sound. A receiver passes over others |
 * | 1 | flags: bit 0, the (first) picture is a key frame; bit 1, the rest of a GOP so far follows at once |
 * | 2–3 | slot |
 * | 4–7 | RTP timestamp of the (first) picture or of the sound, or of the next one; 90 kHz. Statuses name first and live pictures by it |
 * | 8–9 | how much later the last picture of the fragment is: ticks of 90 kHz |
 */

export const headerBytes = 10;

export interface PictureHeader {
  readonly kind: 'init' | 'picture' | 'sound-init' | 'sound';
  readonly keyframe: boolean;
  /** It is part of a GOP so far, and not the end of it. */
  readonly more?: boolean;
  readonly slot: number;
  readonly timestamp: number;
  /** From the first to the last picture: ticks of 90 kHz. */
  readonly span?: number;
}

/** Flags. */
const isKeyframe = 1;
const hasMore = 2;

const kinds = [null, 'init', 'picture', 'sound-init', 'sound'] as const;

export function writePictureHeader({
  kind,
  keyframe,
  more = false,
  slot,
  timestamp,
  span = 0,
}: PictureHeader): Uint8Array {
  const header = new DataView(new ArrayBuffer(headerBytes));
  header.setUint8(0, kinds.indexOf(kind));
  header.setUint8(1, (keyframe ? isKeyframe : 0) | (more ? hasMore : 0));
  header.setUint16(2, slot);
  header.setUint32(4, timestamp);
  header.setUint16(8, span);
  return new Uint8Array(header.buffer);
}

/** Null for a message that is too short, and for a kind that this version does not know. */
export function readPictureHeader(message: ArrayBuffer): PictureHeader | null {
  if (message.byteLength < headerBytes) {
    return null;
  }
  const header = new DataView(message);
  const kind = kinds[header.getUint8(0)];
  const flags = header.getUint8(1);
  return kind
    ? {
        kind,
        keyframe: (flags & isKeyframe) !== 0,
        more: (flags & hasMore) !== 0,
        slot: header.getUint16(2),
        timestamp: header.getUint32(4),
        span: header.getUint16(8),
      }
    : null;
}
