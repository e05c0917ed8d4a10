/** The messages about processes between the two ends of a test: the Node that runs them, and a page that asks for them. */

export interface Exit {
  code: number | null;
  signal: string | null;
  /** From the signal that asked for it to the end of its output. */
  milliseconds: number;
}

export interface CameraSettings {
  name: string;
  /** Red, green and blue, 0 to 255. */
  color: readonly [number, number, number];
  /** Pixels; the width a multiple of 20, the height even. */
  width: number;
  height: number;
  /** Frames a second, 25 by default. */
  rate?: number;
  /** Frames from one key frame to the next, 50 by default. */
  gop?: number;
  /** kbit/s, 1000 by default. */
  bitrate?: number;
  /** A grained picture that uses the bitrate, instead of a plain one that does not; false by default. */
  detail?: boolean;
  /** H264 by default. */
  codec?: 'H264' | 'H265';
  /** It beeps, and its picture is white, for the first tenth of each second; no sound by default. */
  sound?: 'OPUS' | 'PCMA' | 'PCMU' | 'G722' | 'AAC' | 'L16' | 'G726' | 'MP2';
  /** Hz, a multiple of 100; 1000 by default. */
  tone?: number;
  /** How often in a second, 1 by default; with 10 its tone never pauses. */
  beeps?: 1 | 2 | 10;
}
