/** Codecs of sound that a browser or the coder can use, as SDP names them; G.726 is packed in two ways (RFC 3551 section 4.5.4). */
export type AudioCodec = 'AAC' | 'PCMU' | 'PCMA' | 'G722' | 'OPUS' | 'L16' | 'G726' | 'AAL2-G726';

export interface AudioFormat {
  readonly codec: AudioCodec;
  /** Ticks a second of RTP timestamps: 8000 for G.722, which has 16,000 samples (RFC 3551 section 4.5.2). */
  readonly clockRate: number;
  readonly channels: number;
  /** AudioSpecificConfig of AAC (ISO 14496-3); of G.726 a byte, the bits of a sample; empty for the others. */
  readonly config: Buffer;
}

/**
 * Rates that a camera's sound may have, in hertz: AAC begins at 7350. A decoder that is told one sample a second makes gigabytes
 * of a frame.
 */
export const soundRates = { lowest: 4000, highest: 192_000 };

/** Bytes of a frame: AAC has 768 for each channel at the most (ISO/IEC 14496-3 section 4.5.1), and two seconds of G.711 have so many. */
export const largestSound = 16_000;

/** One coded frame of sound as a stream passes it on. */
export interface AudioUnit {
  /** Ticks of the format's clock rate: exact from one frame to the next, of the same run of the source. */
  readonly ticks: number;
  readonly data: Buffer;
}
