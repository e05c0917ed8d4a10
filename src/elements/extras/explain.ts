import type { ErrorCode } from '../../protocol/messages.ts';
import type { Strings } from '../strings.ts';
import type { Why } from '../tile-state.ts';

/** Names that a text may contain. */
export interface Subjects {
  /** The device's address as the page wrote it; empty for the page's own origin. */
  readonly device: string;
  /** The camera's name at the device; empty for a whole wall. */
  readonly stream: string;
}

/** The texts for why a device cannot show a stream. */
const byCode: Partial<Record<ErrorCode, keyof Strings>> = {
  'stream-not-found': 'streamNotFound',
  'too-many-slots': 'tooManySlots',
  'codec-mismatch': 'codecMismatch',
  'no-keyframe': 'noKeyframe',
};

/** Says why something failed in the words of the table; in English where the table has no text. */
export function explain(why: Why, strings: Partial<Strings>, { device, stream }: Subjects): string {
  const name = textFor(why);
  const values: Record<string, string> = {
    device: device || location.origin,
    page: location.origin,
    stream,
    // "codec mismatch: no H264": the text itself says the first part.
    detail: name === 'codecMismatch' ? why.detail.replace(/^[^:]*: /, '') : why.detail,
  };
  const text = strings[name]?.replace(/\{(\w+)\}/g, (placeholder, key: string) => values[key] ?? placeholder);
  // The device gave no detail.
  return text?.replace(/\s?[(（][)）]/, '') ?? why.message;
}

function textFor({ reason, code }: Why): keyof Strings {
  if (reason === 'offline') {
    return (code === 'codec-mismatch' && byCode[code]) || 'cameraOffline';
  }
  if (code === 'stream-not-found' || reason === 'error' || reason === 'superseded' || reason === 'closed') {
    return (code && byCode[code]) ?? 'notShown';
  }
  return reason;
}
