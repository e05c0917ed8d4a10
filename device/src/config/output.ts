import { wholeNumber } from './params.ts';

export interface EncodeOutput {
  kind: 'encode';
  /** Pixels; the aspect ratio is kept where one of them is missing, the source's size where both are. */
  width?: number;
  height?: number;
  /** kbit/s at the most; by default what the size needs. */
  bitrate?: number;
  /** Frames per second at the most; by default the source's. */
  fps?: number;
  /** Frames from one key frame to the next; by default two seconds of them. */
  gop?: number;
  /** Whether to try the machine's video hardware before the software encoder. */
  hardware?: boolean;
}

/** What becomes of a source's pictures: passed on as they come, or decoded, scaled and encoded. */
export type OutputConfig = { kind: 'copy' } | EncodeOutput;

export const outputKeys = ['video', 'width', 'height', 'bitrate', 'fps', 'gop', 'hardware', 'audio'] as const;

type OutputParams = Partial<Record<(typeof outputKeys)[number], string>>;

/** @throws {Error} that names what is allowed */
export function parseOutput(params: OutputParams): OutputConfig {
  // Sound is not sent; a configuration that serves go2rtc too may name it.
  const { video = 'copy', audio: _, hardware, ...sizes } = params;
  if (video !== 'h264' && video !== 'copy') {
    throw new Error(`#video=${video}: allowed: h264, copy`);
  }
  if (video === 'copy') {
    const [key] = Object.keys({ ...sizes, ...(hardware === undefined ? {} : { hardware }) });
    if (key !== undefined) {
      throw new Error(`#${key} needs an encoder: #video=h264#${key}`);
    }
    return { kind: 'copy' };
  }
  const { width, height, bitrate, fps, gop } = sizes;
  return {
    kind: 'encode',
    ...(width === undefined ? {} : { width: pixels('width', width) }),
    ...(height === undefined ? {} : { height: pixels('height', height) }),
    ...(bitrate === undefined ? {} : { bitrate: wholeNumber(bitrate.replace(/k$/i, ''), '#bitrate', 16, 100_000) }),
    ...(fps === undefined ? {} : { fps: wholeNumber(fps, '#fps', 1, 120) }),
    ...(gop === undefined ? {} : { gop: wholeNumber(gop, '#gop', 1, 1000) }),
    ...(hardware === undefined ? {} : { hardware: true }),
  };
}

/** H.264 in 4:2:0 has even sides. */
function pixels(key: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 16 || number > 8192 || number % 2 !== 0) {
    throw new Error(`#${key}=${value}: allowed: an even number of pixels from 16 to 8192`);
  }
  return number;
}
