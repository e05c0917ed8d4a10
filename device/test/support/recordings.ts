/** Small recordings in the formats that cameras and their users have, made by FFmpeg itself. */

import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_LOG_QUIET,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AVERROR_EOF,
} from 'node-av/constants';
import {
  Codec,
  CodecContext,
  Dictionary,
  Filter,
  FilterGraph,
  FormatContext,
  Frame,
  Log,
  Packet,
  Rational,
} from 'node-av/lib';
import { check, present, received } from '../../src/coder/ffmpeg.ts';
import { nalUnitsOf } from './nal-units.ts';

Log.setLevel(AV_LOG_QUIET);

/** User data, unregistered. */
const sei = Buffer.from([0x06, 0xf0, 1, 0x55, 0x80]);

export interface Recording {
  /** FFmpeg's name of an encoder: `libx264`, `libx265`, `mpeg4`, `mjpeg`. */
  encoder: string;
  /** Options of the encoder. */
  options?: Record<string, string | number>;
  width?: number;
  height?: number;
  /** Frames per second. */
  rate?: number;
  seconds?: number;
  gop?: number;
  bFrames?: number;
  /** Any FFmpeg knows, such as `red` or `0x2828c8`. */
  color?: string;
  /** Writes each NAL unit in a packet of its own, and an SEI before each picture, as some cameras' muxers do. */
  cut?: boolean;
}

/** Writes a file of one colour; its name tells the container. */
export async function record(file: string, recording: Recording): Promise<void> {
  const {
    encoder,
    options = {},
    width = 320,
    height = 180,
    rate = 25,
    seconds = 2,
    gop = 25,
    bFrames = 0,
    color = 'red',
    cut = false,
  } = recording;
  const graph = new FilterGraph();
  graph.alloc();
  const create = (name: string, args: string | null) =>
    present(graph.createFilter(present(Filter.getByName(name as 'color'), name), name, args), name);
  const jpeg = encoder === 'mjpeg';
  const source = create('color', `color=${color}:size=${width}x${height}:rate=${rate}:duration=${seconds}`);
  const format = create('format', `pix_fmts=${jpeg ? 'yuvj420p' : 'yuv420p'}`);
  const sink = create('buffersink', null);
  check(source.link(0, format, 0), 'link');
  check(format.link(0, sink, 0), 'link');
  check(graph.configSync(), 'graph');

  const codec = present(Codec.findEncoderByName(encoder as never), encoder);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = width;
  context.height = height;
  context.pixelFormat = jpeg ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, rate);
  context.framerate = new Rational(rate, 1);
  context.gopSize = gop;
  context.maxBFrames = bFrames;
  context.threadCount = 1;
  if (/\.(mp4|flv|mkv)$/.test(file)) {
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  }
  check(await context.open2(codec, Dictionary.fromObject(options)), encoder);

  const output = new FormatContext();
  check(output.allocOutputContext2(null, null, file), file);
  const stream = output.newStream(codec);
  check(stream.codecpar.fromContext(context), 'parameters');
  stream.timeBase = context.timeBase;
  check(output.openOutputSync(), file);
  check(output.writeHeaderSync(), file);
  const packet = new Packet();
  packet.alloc();
  const drain = () => {
    while (received(context.receivePacketSync(packet), encoder)) {
      packet.duration = 1n;
      packet.rescaleTs(context.timeBase, stream.timeBase);
      const { data, pts, isKeyframe } = packet;
      const parts = cut ? [sei, ...nalUnitsOf(data ?? Buffer.alloc(0))] : [];
      for (const [index, unit] of parts.entries()) {
        packet.unref();
        packet.data = Buffer.concat([Buffer.from([0, 0, 0, 1]), unit]);
        // A muxer takes no time twice.
        packet.pts = packet.dts = pts + BigInt(index);
        packet.isKeyframe = isKeyframe && index > 0;
        packet.streamIndex = 0;
        check(output.writeFrameSync(packet), file);
      }
      if (!cut) {
        packet.streamIndex = 0;
        check(output.writeFrameSync(packet), file);
      }
      packet.unref();
    }
  };
  const frame = new Frame();
  frame.alloc();
  for (let pts = 0n; ; pts++) {
    const code = sink.buffersinkGetFrameSync(frame);
    if (code === AVERROR_EOF) {
      break;
    }
    check(code, 'picture');
    frame.pts = pts;
    // The source marks every picture as one to be coded on its own.
    frame.pictType = AV_PICTURE_TYPE_NONE;
    check(context.sendFrameSync(frame), encoder);
    frame.unref();
    drain();
  }
  check(context.sendFrameSync(null), encoder);
  drain();
  check(output.writeTrailerSync(), file);
  output.closeOutputSync();
  output.freeContext();
  frame.free();
  packet.free();
  context.freeContext();
  graph.free();
}
