import { wholeNumber } from './params.ts';

/** Reads go2rtc's synthetic camera, `ffmpeg:virtual?video=testsrc&size=720&rate=25`, which one of FFmpeg's test sources makes. */

export interface VirtualSource {
  kind: 'virtual';
  /** The name of an FFmpeg source filter. */
  video: string;
  width: number;
  height: number;
  /** Frames per second. */
  rate: number;
  /** For `video=color` only. */
  color?: string;
  /** For `video=testsrc` only: digits after the point of the shown seconds. */
  decimals?: number;
}

/** Those of FFmpeg's video sources that need only a size and a rate (FFmpeg filters documentation, "Video Sources"). */
const testSources = [
  'testsrc',
  'testsrc2',
  'color',
  'colorchart',
  'colorspectrum',
  'gradients',
  'life',
  'mandelbrot',
  'pal75bars',
  'pal100bars',
  'rgbtestsrc',
  'sierpinski',
  'smptebars',
  'smptehdbars',
  'yuvtestsrc',
  'zoneplate',
];

const namedSizes = new Map<string, readonly [number, number]>([
  ['360', [640, 360]],
  ['480', [854, 480]],
  ['720', [1280, 720]],
  ['1080', [1920, 1080]],
  ['2K', [2560, 1440]],
  ['4K', [3840, 2160]],
  ['8K', [7680, 4320]],
]);

const keys = ['video', 'color', 'size', 'rate', 'decimals'];
/** Keys of go2rtc that have no effect here: the length of a recording, the shape and the format of the pixels. */
const foreign = ['duration', 'format', 'sar'];

/** @throws {Error} whose message names what is allowed */
export function parseVirtualSource(query: string): VirtualSource {
  const params = new URLSearchParams(query);
  for (const key of params.keys()) {
    if (!keys.includes(key) && !foreign.includes(key)) {
      throw new Error(`virtual source: unknown key "${key}"; allowed: ${keys.join(', ')}`);
    }
  }
  const video = params.get('video') || 'testsrc';
  if (!testSources.includes(video)) {
    throw new Error(`virtual source: unknown video "${video}"; allowed: ${testSources.join(', ')}`);
  }
  const [width, height] = parseSize(params.get('size') ?? '1080');
  return {
    kind: 'virtual',
    video,
    width,
    height,
    rate: wholeNumber(params.get('rate') ?? '25', 'virtual source: rate', 1, 120),
    ...parseColor(video, params.get('color')),
    ...parseDecimals(video, params.get('decimals')),
  };
}

function parseSize(text: string): readonly [number, number] {
  const named = namedSizes.get(text);
  if (named !== undefined) {
    return named;
  }
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (match === null) {
    throw new Error(`virtual source: size "${text}"; allowed: ${[...namedSizes.keys()].join(', ')} or WIDTHxHEIGHT`);
  }
  const size = [
    wholeNumber(match[1] ?? '', 'virtual source: width', 16, 8192),
    wholeNumber(match[2] ?? '', 'virtual source: height', 16, 8192),
  ] as const;
  if (size.some((side) => side % 2 !== 0)) {
    throw new Error(`virtual source: size "${text}"; both sides must be even`);
  }
  return size;
}

function parseColor(video: string, color: string | null): { color?: string } {
  if (color === null) {
    return {};
  }
  if (video !== 'color' || !/^(#|0x)?\w+(@[\d.]+)?$/.test(color)) {
    throw new Error('virtual source: color is a name or 0xRRGGBB, and goes with video=color');
  }
  return { color };
}

function parseDecimals(video: string, decimals: string | null): { decimals?: number } {
  if (decimals === null) {
    return {};
  }
  if (video !== 'testsrc') {
    throw new Error('virtual source: decimals goes with video=testsrc');
  }
  return { decimals: wholeNumber(decimals, 'virtual source: decimals', 0, 17) };
}
