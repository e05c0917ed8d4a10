/** How long a switch took, in milliseconds; see `MsSwitchEvent`. */
export interface SwitchTimes {
  /** To the first frame of the new stream. */
  readonly first: number;
  /** To the first live one. */
  readonly live: number;
}

/**
 * Measurements of a tile's picture at one moment. Rates cover the time since the last call of `getStats`; they are null in
 * the first call of a session.
 */
export interface SlotStats {
  /** Pixels of the picture. */
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** Bits a second. */
  readonly bitrate: number | null;
  /** The part of all packets that was lost, from 0 to 1. */
  readonly loss: number | null;
  /** Milliseconds to the device and back; null until it was measured. */
  readonly roundTrip: number | null;
  /** Milliseconds that a frame waited for its turn, on average. */
  readonly jitterBuffer: number | null;
  /** Frames that the browser dropped since the session began. */
  readonly dropped: number;
  /** The decoder as the browser calls it (`decoderImplementation`); null where it does not say. */
  readonly decoder: string | null;
  /** Whether that is a graphics processor's; null where the browser does not say. */
  readonly powerEfficientDecoder: boolean | null;
  /** Null before the first switch. */
  readonly lastSwitch: SwitchTimes | null;
  /** The full WebRTC report of the track. In mode `socket` it has one entry, `inbound-rtp`, in the same words. */
  readonly report: RTCStatsReport;
}
