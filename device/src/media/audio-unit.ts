/** Codecs of sound that a browser or the coder can use, as SDP names them. */
export type AudioCodec = 'AAC' | 'PCMU' | 'PCMA' | 'G722' | 'OPUS';

export interface AudioFormat {
  readonly codec: AudioCodec;
  /** Ticks a second of RTP timestamps: 8000 for G.722, which has 16,000 samples (RFC 3551 section 4.5.2). */
  readonly clockRate: number;
  readonly channels: number;
  /** AudioSpecificConfig of AAC (ISO 14496-3); empty for the others. */
  readonly config: Buffer;
}

/** One coded frame of sound as a stream passes it on. */
export interface AudioUnit {
  /** Ticks of the format's clock rate: exact from one frame to the next, of the same run of the source. */
  readonly ticks: number;
  readonly data: Buffer;
}
