/** Video codecs that WebRTC carries and cameras send, as SDP names them. */
export type Codec = 'H264' | 'H265';

/** One coded picture as a stream passes it on. */
export interface AccessUnit {
  /** A decoder can start here: an IDR picture with its parameter sets before it. */
  readonly keyframe: boolean;
  /** Microseconds on the source's clock. Meaningful only against other units of the same run of the source. */
  readonly timestamp: number;
  /** Annex B byte stream (ITU-T H.264, annex B; H.265, annex B). */
  readonly data: Buffer;
  /** The camera's own clock, in milliseconds since 1970, if the camera tells it. */
  readonly wallClock?: number;
}

export interface StreamFormat {
  readonly codec: Codec;
  /** general_profile_idc of H.265. H.264 has none here: only profiles that every browser takes are passed on. */
  readonly profile?: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** How wide a pixel is against its height; absent where it is square. */
  readonly aspect?: number;
}
