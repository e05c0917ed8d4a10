/** Clips of a scene that is quiet and then is not, coded as a camera codes it. What happens in them is known by picture number. */

import { AV_LOG_QUIET, AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { Codec, CodecContext, Dictionary, Frame, Log, Packet, Rational } from 'node-av/lib';
import { check, present, received } from '../../src/coder/ffmpeg.ts';

export interface Clip {
  width?: number;
  height?: number;
  /** Pictures a second. */
  rate?: number;
  seconds?: number;
  /** Pictures from one key frame to the next. */
  gop?: number;
  /** Standard deviation of each picture's own noise, in steps of 255. */
  noise?: number;
  /** Draws the picture's number, from 0, as `rtsp-cameras.py` does. */
  isNumbered?: boolean;
  /** Draws this number into every picture instead: which camera it is of. */
  mark?: number;
  /** A clock that changes so many blocks of 8x16 pixels each second; 0: none. */
  clock?: number;
  /** How much lighter a picture is than the first, in steps of 255. */
  light?: (picture: number) => number;
  /** The left edge of a person-sized block, in pixels, a quarter of the height tall; null: it is not there. */
  block?: (picture: number) => number | null;
  /** Share of the height that the block has. */
  blockShare?: number;
  /** Options of x264, for a camera with other habits. */
  options?: Record<string, string | number>;
  seed?: number;
}

export interface ClipPicture {
  data: Buffer;
  keyframe: boolean;
}

/** The same numbers for the same seed. */
function randoms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export async function encodeClip(clip: Clip = {}): Promise<ClipPicture[]> {
  Log.setLevel(AV_LOG_QUIET);
  const { width = 640, height = 360, rate = 25, seconds = 12, gop = 50, noise = 1, options = {}, seed = 1 } = clip;
  const codec = present(Codec.findEncoderByName('libx264' as never), 'libx264');
  const context = new CodecContext();
  context.allocContext3(codec);
  Object.assign(context, {
    width,
    height,
    pixelFormat: AV_PIX_FMT_YUV420P,
    gopSize: gop,
    maxBFrames: 0,
    threadCount: 1,
  });
  context.timeBase = new Rational(1, rate);
  context.framerate = new Rational(rate, 1);
  const usual = { preset: 'veryfast', tune: 'zerolatency', profile: 'baseline', 'x264-params': 'scenecut=0' };
  check(await context.open2(codec, Dictionary.fromObject({ ...usual, crf: 24, ...options })), 'libx264');
  const paint = painter({ ...clip, width, height, rate, noise, seed });
  const pictures: ClipPicture[] = [];
  const packet = new Packet();
  packet.alloc();
  const drain = () => {
    while (received(context.receivePacketSync(packet), 'libx264')) {
      pictures.push({ data: Buffer.from(packet.data ?? []), keyframe: packet.isKeyframe });
      packet.unref();
    }
  };
  for (let number = 0; number < seconds * rate; number++) {
    const timeBase = { num: 1, den: rate };
    const frame = Frame.fromVideoBuffer(paint(number), { width, height, format: AV_PIX_FMT_YUV420P, timeBase });
    frame.pts = BigInt(number);
    check(context.sendFrameSync(frame), 'libx264');
    frame.free();
    drain();
  }
  check(context.sendFrameSync(null), 'libx264');
  drain();
  packet.free();
  context.freeContext();
  return pictures;
}

/** Paints I420 pictures in one buffer. */
function painter(clip: Clip & { width: number; height: number; rate: number; noise: number; seed: number }) {
  const { width, height, rate, noise, seed, blockShare = 0.25 } = clip;
  const random = randoms(seed);
  const still = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Large shapes, edges, and a grain that stays: walls, windows and a lawn.
      const shape = 50 * Math.sin(x / 47) * Math.cos(y / 31) + (((x >> 6) + (y >> 6)) % 2) * 24;
      still[y * width + x] = 110 + shape + (random() - 0.5) * 24;
    }
  }
  // Nearly Gaussian, and taken from a random place for each row: drawing millions of numbers would take longer than coding.
  const grain = Float32Array.from(
    { length: 1 << 16 },
    () => (random() + random() + random() + random() - 2) * 1.73 * noise,
  );
  const frame = Buffer.alloc((width * height * 3) / 2, 128);
  const fill = (left: number, top: number, w: number, h: number, value: (x: number, y: number) => number) => {
    for (let y = Math.max(0, top); y < Math.min(height, top + h); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, left + w); x++) {
        frame[y * width + x] = value(x - left, y - top);
      }
    }
  };
  return (number: number): Buffer => {
    const light = clip.light?.(number) ?? 0;
    for (let y = 0; y < height; y++) {
      const from = Math.floor(random() * ((1 << 16) - width));
      for (let x = 0; x < width; x++) {
        const at = y * width + x;
        frame[at] = Math.max(16, Math.min(235, (still[at] as number) + light + (grain[from + x] as number)));
      }
    }
    const block = clip.block?.(number) ?? null;
    if (block !== null) {
      const tall = Math.round(height * blockShare);
      const cloth = (x: number, y: number) => 60 + (((x >> 2) * 7 + (y >> 2) * 13) % 9) * 12;
      fill(Math.round(block), Math.round(height * 0.5), Math.round(tall / 2.5), tall, cloth);
    }
    if (clip.clock) {
      const second = Math.floor(number / rate);
      for (let digit = 0; digit < clip.clock; digit++) {
        fill(width - 20 - digit * 12, height - 24, 8, 16, (x, y) => ((x * 3 + y * 5 + second * 7) % 11 > 5 ? 235 : 16));
      }
    }
    if (clip.isNumbered || clip.mark !== undefined) {
      const drawn = clip.mark ?? number;
      const side = width / 20;
      for (let bit = 0; bit < 16; bit++) {
        fill(side * (bit + 1), 0, side, side, () => ((drawn >> bit) & 1 ? 235 : 16));
      }
    }
    return frame;
  };
}
