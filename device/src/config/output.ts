import { Unsupported, wholeNumber } from './params.ts';

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

/** The treatment of a source's pictures: they are passed on as they come, or decoded, scaled and encoded. */
export type OutputConfig = { kind: 'copy' } | EncodeOutput;

export const outputKeys = ['video', 'width', 'height', 'bitrate', 'fps', 'gop', 'hardware', 'audio'] as const;

type OutputParams = Partial<Record<(typeof outputKeys)[number], string>>;

/**
 * @throws {Unsupported} if go2rtc would make another codec of the pictures
 * @throws {Error} that names what is allowed
 */
export function parseOutput(params: OutputParams): OutputConfig {
  const { audio: _, hardware, ...sizes } = params;
  // Behind the codec, go2rtc may name its encoder: `h264/vaapi`.
  const [video = 'copy', encoder] = params.video?.split('/') ?? [];
  if (video !== 'h264' && video !== 'copy') {
    throw new Unsupported(`#video=${/^\w{1,20}$/.test(video) ? video : '…'} is not made here; allowed: h264, copy`);
  }
  if (video === 'copy') {
    const { video: __, ...others } = sizes;
    const [key] = Object.keys({ ...others, ...(hardware === undefined ? {} : { hardware }) });
    if (key !== undefined) {
      throw new Error(`#${key} needs an encoder: #video=h264#${key}`);
    }
    return { kind: 'copy' };
  }
  const { bitrate, fps, gop } = sizes;
  const width = parsePixels('width', sizes.width);
  const height = parsePixels('height', sizes.height);
  return {
    kind: 'encode',
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(bitrate === undefined ? {} : { bitrate: parseBitrate(bitrate) }),
    ...(fps === undefined ? {} : { fps: wholeNumber(fps, '#fps', 1, 120) }),
    ...(gop === undefined ? {} : { gop: wholeNumber(gop, '#gop', 1, 1000) }),
    ...(hardware === undefined && encoder === undefined ? {} : { hardware: true }),
  };
}

const mostBitrate = 100_000;

/** Reads kbit/s: `800`, `800k`, `2M`. go2rtc's numbers are bit/s; one that is too large for kbit/s is read as that. */
function parseBitrate(text: string): number {
  const [, digits = text, unit = ''] = /^(\d{1,12})([km]?)$/i.exec(text) ?? [];
  const number = Number(digits) * (unit.toLowerCase() === 'm' ? 1000 : 1);
  const isBits = unit === '' && number > mostBitrate;
  const kilobits = isBits ? Math.round(number / 1000) : number;
  return wholeNumber(String(Number.isNaN(kilobits) ? text : kilobits), '#bitrate', 16, mostBitrate);
}

/** H.264 in 4:2:0 has even sides. In go2rtc's files -1 and -2 keep the aspect ratio, as FFmpeg reads them. */
function parsePixels(key: string, value: string | undefined): number | undefined {
  if (value === undefined || value === '-1' || value === '-2') {
    return undefined;
  }
  const number = Number(value);
  if (!Number.isInteger(number) || number < 16 || number > 8192 || number % 2 !== 0) {
    throw new Error(`#${key}=${value}: allowed: an even number of pixels from 16 to 8192`);
  }
  return number;
}
