import {
  AV_HWDEVICE_TYPE_VAAPI,
  AV_HWDEVICE_TYPE_VULKAN,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_VAAPI,
  AV_PIX_FMT_VULKAN,
  AV_PIX_FMT_YUV420P,
  type AVHWDeviceType,
  type AVPixelFormat,
} from 'node-av/constants';

/** A graphics card's memory, and what FFmpeg calls a picture in it. */
export interface CardMemory {
  device: AVHWDeviceType;
  format: AVPixelFormat;
}

/** One of FFmpeg's encoders, and what makes it give each picture at once. */
export interface EncoderChoice {
  name: string;
  /** How a picture lies in memory. */
  pixels: AVPixelFormat;
  /** Where a picture has to be; undefined: in ordinary memory. */
  memory?: CardMemory;
  options: Record<string, string | number>;
}

const vaapi: CardMemory = { device: AV_HWDEVICE_TYPE_VAAPI, format: AV_PIX_FMT_VAAPI };
const vulkan: CardMemory = { device: AV_HWDEVICE_TYPE_VULKAN, format: AV_PIX_FMT_VULKAN };

function yuv(name: string, options: EncoderChoice['options']): EncoderChoice {
  return { name, pixels: AV_PIX_FMT_YUV420P, options };
}

function nv12(name: string, options: EncoderChoice['options'], memory?: CardMemory): EncoderChoice {
  return { name, pixels: AV_PIX_FMT_NV12, options, ...(memory && { memory }) };
}

/** The makers' own before those for cards of all makers. */
export const hardwareEncoders: readonly EncoderChoice[] = [
  yuv('h264_nvenc', { preset: 'p1', tune: 'ull', zerolatency: 1, 'forced-idr': 1 }),
  nv12('h264_qsv', { preset: 'veryfast', async_depth: 1, forced_idr: 1 }),
  nv12('h264_vaapi', { async_depth: 1 }, vaapi),
  // Intel's newer chips have only this way of encoding.
  nv12('h264_vaapi', { async_depth: 1, low_power: 1 }, vaapi),
  yuv('h264_amf', { usage: 'ultralowlatency', forced_idr: 1 }),
  yuv('h264_videotoolbox', { realtime: 1 }),
  yuv('h264_v4l2m2m', {}),
  nv12('h264_vulkan', { async_depth: 1, tune: 'ull', usage: 'stream' }, vulkan),
];

export const softwareEncoder = yuv('libx264', {
  preset: 'superfast',
  tune: 'zerolatency',
  crf: 23,
  'forced-idr': 1,
  sc_threshold: 0,
});
