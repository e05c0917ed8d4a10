import { Codec, CodecContext, Dictionary, FFmpegError, type Frame, Rational } from 'node-av/lib';
import type { EncodeOutput } from '../config/output.ts';
import { CardFrames } from './card-frames.ts';
import { coloursOf } from './colours.ts';
import { type EncoderChoice, hardwareEncoders, softwareEncoder } from './encoders.ts';

/** Seconds between key frames. A joining viewer replays what has come since the last one, so it bounds that replay. */
const gopSeconds = 2;
/** Bits for a pixel at the most: 576 kbit/s for 640x360 at 25 frames a second. */
const bitsPerPixel = 0.1;
/** The share of those bits that hardware encoders aim at: their constant-quality modes are not comparable. */
const usualShare = 0.75;

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
  choice: EncoderChoice;
  /** Where pictures have to go on their way to it; null: nowhere. */
  card: CardFrames | null;
  /** Why it is not one of those that were tried before it. */
  refusals: readonly string[];
}

/**
 * The first encoder that opens: the machine's video hardware, where the output asks for it, then software.
 * @throws {Error} where not even that does
 */
export async function openEncoder(config: EncodeOutput, shape: EncoderShape): Promise<OpenEncoder> {
  const refusals: string[] = [];
  for (const choice of [...(config.hardware ? hardwareEncoders : []), softwareEncoder]) {
    try {
      return { ...(await open(choice, config, shape)), choice, refusals };
    } catch (error) {
      refusals.push(`${choice.name}: ${(error as Error).message}`);
    }
  }
  throw new Error(`no encoder for ${shape.width}x${shape.height}: ${refusals.join(', ')}`);
}

async function open(
  choice: EncoderChoice,
  config: EncodeOutput,
  shape: EncoderShape,
): Promise<Pick<OpenEncoder, 'context' | 'card'>> {
  const codec = Codec.findEncoderByName(choice.name as Parameters<typeof Codec.findEncoderByName>[0]);
  if (codec === null) {
    throw new Error('not in this FFmpeg');
  }
  const card = choice.memory ? new CardFrames(choice.memory, { ...shape, pixels: choice.pixels }) : null;
  const context = new CodecContext();
  context.allocContext3(codec);
  configure(context, config, shape);
  context.pixelFormat = choice.memory?.format ?? choice.pixels;
  if (card !== null) {
    context.hwFramesCtx = card.context;
  }
  if (choice !== softwareEncoder) {
    context.bitRate = BigInt(Math.round(Number(context.rcMaxRate) * usualShare));
  }
  // Not `open2Sync`, which frees the options a second time (node-av 6.1.1) and so ends the process.
  const code = await context.open2(codec, Dictionary.fromObject(choice.options));
  if (code < 0) {
    context.freeContext();
    card?.close();
    throw new Error(FFmpegError.strerror(code));
  }
  return { context, card };
}

function configure(
  context: CodecContext,
  { bitrate, gop }: EncodeOutput,
  { frame, width, height, rate }: EncoderShape,
): void {
  context.width = width;
  context.height = height;
  Object.assign(context, coloursOf(frame) satisfies Partial<CodecContext>);
  context.timeBase = new Rational(1, 1_000_000);
  context.framerate = new Rational(Math.round(rate * 1000), 1000);
  context.gopSize = gop ?? Math.round(rate * gopSeconds);
  context.maxBFrames = 0;
  context.threadCount = 1;
  const most = bitrate === undefined ? Math.round(width * height * rate * bitsPerPixel) : bitrate * 1000;
  context.rcMaxRate = BigInt(most);
  context.rcBufferSize = most;
}
