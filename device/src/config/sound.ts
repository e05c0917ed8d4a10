/** `#audio=` and `#media=` behind a source, as go2rtc writes them. */

import type { EncodedSound } from '../media/encoded-sound.ts';
import { Unsupported } from './params.ts';

/** A form in which a sound is offered: as it comes, or encoded. */
export type SoundOffer = 'copy' | EncodedSound;

/** go2rtc's names. Behind one may stand a rate; others than these are of no use to a browser over WebRTC or MediaSource. */
const offers: Record<string, SoundOffer> = {
  copy: 'copy',
  opus: 'OPUS',
  'opus/16000': 'OPUS',
  pcma: 'PCMA',
  'pcma/8000': 'PCMA',
  pcmu: 'PCMU',
  'pcmu/8000': 'PCMU',
  aac: 'AAC',
  'aac/16000': 'AAC',
};

/**
 * Reads every `#audio=` of a source.
 * @param params what stands behind its `#` signs
 * @returns the forms in their order, without those that are not made here; undefined if there is no `#audio`
 */
export function parseSound(params: readonly string[]): { sound: SoundOffer[] | undefined; ignored: string[] } {
  const values = params.flatMap((param) => /^audio(?:=(.*))?$/s.exec(param)?.slice(1) ?? []);
  const known = values.map((value) => offers[(value ?? '').toLowerCase()]);
  const ignored = values
    .filter((_, index) => known[index] === undefined)
    .map((value) => `#audio=${/^[\w/.-]{1,20}$/.test(value ?? '') ? value : '…'}`);
  const sound = [...new Set(known.filter((offer) => offer !== undefined))];
  return { sound: values.length === 0 ? undefined : sound, ignored };
}

/**
 * Whether `#media=` of an RTSP source leaves its sound out. go2rtc looks for the names of the kinds in it.
 * @throws {Unsupported} if it leaves the pictures out
 */
export function leavesSoundOut(media: string | undefined): boolean {
  if (media === undefined || media === '') {
    return false;
  }
  if (!media.includes('video')) {
    throw new Unsupported(
      media.includes('audio') ? forSoundAlone : '#media names no kind that is known; allowed: video, audio',
    );
  }
  return !media.includes('audio');
}

export const forSoundAlone = 'this source is for sound alone, which counts only where it names its own stream';
