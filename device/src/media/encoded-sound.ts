import { aacConfig, nearestAacRate } from './aac-config.ts';
import type { AudioFormat } from './audio-unit.ts';

/** A codec that a coder can make of a camera's sound. */
export type EncodedSound = 'OPUS' | 'PCMA' | 'PCMU' | 'AAC';

export interface EncodedFormat extends AudioFormat {
  readonly codec: EncodedSound;
}

const none = Buffer.alloc(0);

/** Opus always counts as two channels, and has this clock (RFC 7587 sections 4.1 and 7). */
export const opus: EncodedFormat = { codec: 'OPUS', clockRate: 48_000, channels: 2, config: none };

/** The format in which a coder encodes a sound. @param source the camera's */
export function encodedFormat(codec: EncodedSound, source: AudioFormat): EncodedFormat {
  switch (codec) {
    case 'OPUS':
      return opus;
    case 'PCMA':
    case 'PCMU':
      return { codec, clockRate: 8000, channels: 1, config: none };
    case 'AAC': {
      const clockRate = nearestAacRate(source.codec === 'G722' ? 16_000 : source.clockRate);
      const channels = source.codec !== 'OPUS' && source.channels === 2 ? 2 : 1;
      return { codec, clockRate, channels, config: aacConfig(clockRate, channels) ?? none };
    }
  }
}
