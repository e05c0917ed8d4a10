import { AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { Codec, CodecContext, Dictionary, FFmpegError, type Frame, Rational } from 'node-av/lib';
import type { EncodeOutput } from '../../config/output.ts';
import { coloursOf } from './colours.ts';

/** Seconds between key frames. A joining viewer replays what has come since the last one, so it bounds that replay. */
const gopSeconds = 2;
/** Bits for a pixel at the most: 576 kbit/s for 640x360 at 25 frames a second. */
const bitsPerPixel = 0.1;

/**
 * FFmpeg's hardware encoders that take frames from ordinary memory, with what makes them give each picture at once. Those
 * of VAAPI and Vulkan want them in the memory of the card.
 */
const hardware: Record<string, Record<string, string | number>> = {
  h264_nvenc: { preset: 'p1', tune: 'ull', zerolatency: 1, 'forced-idr': 1 },
  h264_qsv: { preset: 'veryfast', async_depth: 1, forced_idr: 1 },
  h264_amf: { usage: 'ultralowlatency', forced_idr: 1 },
  h264_videotoolbox: { realtime: 1 },
  h264_v4l2m2m: {},
};
const software = {
  libx264: { preset: 'superfast', tune: 'zerolatency', crf: 23, 'forced-idr': 1, sc_threshold: 0 },
};

export interface EncoderShape {
  /** The first frame, whose colours the encoder tells its viewers. */
  frame: Frame;
  width: number;
  height: number;
  /** Frames per second. */
  rate: number;
}

export interface OpenEncoder {
  context: CodecContext;
  name: string;
  /** Why it is not one of those that were tried before it. */
  refusals: readonly string[];
}

/**
 * The first encoder that opens: the machine's video hardware, where the output asks for it, then software.
 * @throws {Error} where not even that does
 */
export async function openEncoder(config: EncodeOutput, shape: EncoderShape): Promise<OpenEncoder> {
  const refusals: string[] = [];
  for (const [name, options] of Object.entries({ ...(config.hardware ? hardware : {}), ...software })) {
    const codec = Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0]);
    if (codec === null) {
      refusals.push(`${name}: not in this FFmpeg`);
      continue;
    }
    const context = configure(codec, config, shape);
    // Not `open2Sync`, which frees the options a second time (node-av 6.1.1) and so ends the process.
    const code = await context.open2(codec, Dictionary.fromObject(options));
    if (code >= 0) {
      return { context, name, refusals };
    }
    context.freeContext();
    refusals.push(`${name}: ${FFmpegError.strerror(code)}`);
  }
  throw new Error(`no encoder for ${shape.width}x${shape.height}: ${refusals.join(', ')}`);
}

function configure(
  codec: Codec,
  { bitrate, gop }: EncodeOutput,
  { frame, width, height, rate }: EncoderShape,
): CodecContext {
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = width;
  context.height = height;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  Object.assign(context, coloursOf(frame) satisfies Partial<CodecContext>);
  context.timeBase = new Rational(1, 1_000_000);
  context.framerate = new Rational(Math.round(rate * 1000), 1000);
  context.gopSize = gop ?? Math.round(rate * gopSeconds);
  context.maxBFrames = 0;
  context.threadCount = 1;
  const most = bitrate === undefined ? Math.round(width * height * rate * bitsPerPixel) : bitrate * 1000;
  context.rcMaxRate = BigInt(most);
  context.rcBufferSize = most;
  return context;
}
