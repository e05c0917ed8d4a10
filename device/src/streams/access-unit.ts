export type Codec = 'H264' | 'H265';

/** One coded picture as a stream hands it on. */
export interface AccessUnit {
  /** Decodable on its own: an IDR picture with its parameter sets before it. */
  readonly keyframe: boolean;
  /** Microseconds on the source's clock. Meaningful only against other units of the same run of the source. */
  readonly timestamp: number;
  /** Annex B byte stream (ITU-T H.264, annex B; H.265, annex B). */
  readonly data: Buffer;
}

export interface StreamFormat {
  /** As SDP names it. */
  readonly codec: Codec;
  /** Of H.265, its general_profile_idc. Of H.264 only those profiles are passed on that every browser takes. */
  readonly profile?: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}
